// How the hosts of an answer are written on one line.

import { expect, test } from 'vitest'
import { answerLines, nameList } from './folded-answers.ts'

const web = Array.from({ length: 20 }, (_, index) => `web-${index + 1}`)

test('hosts are folded into ranges that a selector reads', () => {
  expect(nameList([...web, 'web-25', 'db-1'], 22)).toBe('web-[1-20,25] db-1')
})

test('hosts beyond those that were named are counted', () => {
  expect(nameList(web, 4871)).toBe('web-[1-20] (+4851)')
})

test('names that do not fold are cut where the line is full, and the rest is counted', () => {
  const names = Array.from(
    { length: 100 },
    (_, index) => `host${'abcdefghij'[index % 10]}${'x'.repeat(index)}`,
  )
  const text = nameList(names, 100)
  const shown = text.split(' ').length - 1
  expect(text.length).toBeLessThan(200)
  expect(text).toMatch(new RegExp(`\\(\\+${100 - shown}\\)$`))
})

type Answers = Parameters<typeof answerLines>[0]
type Cluster = Answers['clusters'][number]

const cluster = (name: string, more: Partial<Cluster>, output = ''): Cluster => ({
  answer: name,
  hosts: 1,
  exit: null,
  state: 'ok',
  reason: null,
  message: null,
  changed: null,
  sample: {
    hostId: name,
    name,
    address: '10.0.0.1',
    output,
    truncated: false,
    outputBytes: output.length,
  },
  names: [name],
  ...more,
})
const linesOf = (answers: Partial<Answers>): string =>
  answerLines(
    { clusters: [], silent: [], mask: ['self'], more: 0, waiting: 0, ...answers },
    'R',
  ).join('\n')

test('a host that failed without a word is shown with its reason, what was said of it, and advice', () => {
  const failed = { state: 'failed', reason: 'runAsRefused' } as const
  const text = linesOf({
    clusters: [cluster('r-1', { ...failed, message: 'sudo: 1 incorrect password attempt' })],
  })
  expect(text).toContain('r-1  1 host failed: Run-as refused')
  expect(text).toContain('   sudo: 1 incorrect password attempt')
  expect(text).toContain('that sudo allows it')
})

test('what a failed command printed is not said twice', () => {
  const failed = { state: 'failed', reason: 'exit', exit: 3, message: 'broken' } as const
  const text = linesOf({ clusters: [cluster('r-1', failed, 'so\nbroken\n')] })
  expect(text.match(/broken/g)).toHaveLength(1)
  expect(text).toContain('1 host failed, exit 3')
})

test('an output that was cut says so, and how to get the whole', () => {
  const sample = {
    hostId: 'r-1',
    name: 'r-1',
    address: '10.0.0.1',
    output: 'x'.repeat(65_536),
    truncated: true,
    outputBytes: 108_894,
  }
  const text = linesOf({ clusters: [cluster('r-1', { sample })] })
  expect(text).toMatch(/the first 64 KiB of 108,894 bytes; all: .*om runs output R --host r-1/)
})

test('groups that are not ok stand first, and those left out are named with the command that shows them', () => {
  const text = linesOf({
    clusters: [
      cluster('most', { hosts: 9 }, 'fine\n'),
      cluster('bad', { state: 'failed', exit: 1, reason: 'exit' }, 'broken\n'),
    ],
    more: 1,
  })
  expect(text.indexOf('broken')).toBeLessThan(text.indexOf('fine'))
  expect(text).toMatch(/1 more group: .*om runs output R$/)
})

test('hosts of an aborted run that never started are told from those whose command was killed', () => {
  const group = { state: 'aborted', reason: 'byPerson', leftRunning: 'no' } as const
  const text = linesOf({
    silent: [
      { ...group, started: false, hosts: 2, names: ['r-2', 'r-3'], message: null },
      { ...group, started: true, hosts: 1, names: ['r-1'], message: 'ended by signal SIGTERM' },
    ],
  })
  expect(text).toContain('r-[2-3]  2 hosts aborted, never started')
  expect(text).toMatch(/r-1 {2}1 host aborted: .*\n {3}ended by signal SIGTERM/)
})

test('what the action changed stands beside the answer', () => {
  const text = linesOf({
    clusters: [cluster('a', { changed: true }), cluster('b', { changed: false })],
  })
  expect(text).toContain('a  1 host ok, changed')
  expect(text).toContain('b  1 host ok, unchanged')
})
