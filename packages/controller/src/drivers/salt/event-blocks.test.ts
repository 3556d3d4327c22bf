// The stream of salt-api, however it is cut into chunks.

import { expect, test } from 'vitest'
import { eventReader, type JobEvent } from './event-blocks.ts'

const block = (tag: string, data: unknown): string =>
  `tag: ${tag}\ndata: ${JSON.stringify({ tag, data })}\n\n`

const ours = '20261126090000000001'
const others = '20261126090000000002'
const stream = [
  'retry: 400\n',
  block('salt/auth', { id: 'web-1' }),
  block(`salt/job/${ours}/new`, { minions: ['web-1'] }),
  block(`salt/job/${others}/ret/web-1`, { return: 'not ours' }),
  block(`salt/job/${ours}/prog/web-1/0`, { data: { len: 2 } }),
  block(`salt/job/${ours}/ret/web-1`, { return: '中文 \n\n tag: salt/job/1/ret/x', retcode: 0 }),
  `tag: salt/job/${ours}/ret/web-2\ndata: {"broken\n\n`,
  block(`salt/job/${ours}/ret/北京`, { return: true }),
].join('')

test.each([1, 2, 7, 64, 100_000])('read in chunks of %i bytes', (size) => {
  const heard: JobEvent[] = []
  const read = eventReader(
    (jid) => jid === ours,
    (event) => heard.push(event),
  )
  const bytes = Buffer.from(stream)
  for (let at = 0; at < bytes.length; at += size) read(bytes.subarray(at, at + size))
  expect(heard.map(({ what, minion }) => [what, minion])).toEqual([
    ['prog', 'web-1'],
    ['ret', 'web-1'],
    ['ret', '北京'],
  ])
  expect(heard[1]?.data).toEqual({ return: '中文 \n\n tag: salt/job/1/ret/x', retcode: 0 })
})

test('five hundred returns at once lose none', () => {
  const heard = new Set<string>()
  const read = eventReader(
    () => true,
    ({ minion }) => heard.add(minion),
  )
  const all = Array.from({ length: 500 }, (_, n) =>
    block(`salt/job/${ours}/ret/web-${n}`, { return: 'x'.repeat(n) }),
  ).join('')
  const bytes = Buffer.from(all)
  for (let at = 0; at < bytes.length; at += 16_384) read(bytes.subarray(at, at + 16_384))
  expect(heard.size).toBe(500)
})
