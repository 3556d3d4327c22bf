// Checks of answers: what counts as the same, and how long that takes.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describeAnswer, normaliseAnswer, normaliseMessage } from './answer.ts'
import type { AnswerMask } from './slice.ts'

const answer = (
  output: string,
  mask: AnswerMask[] = ['self'],
  name = 'web-1.sz',
  address = '10.0.0.1',
) => normaliseAnswer(output, { name, address, mask })

test('the host itself is masked, and only as a whole word', () => {
  expect(answer('web-1.sz (web-1) at 10.0.0.1:80')).toBe('<host> (<host>) at <address>:80')
  expect(answer('web-10 10.0.0.10 110.0.0.1 my-web-1 web-1_x')).toBe(
    'web-10 10.0.0.10 110.0.0.1 my-web-1 web-1_x',
  )
  expect(answer('5 db 主机五号 ok', ['self'], '5', 'db')).toBe('5 db 主机五号 ok')
  expect(answer('主机五号 ok', ['self'], '主机五号', '::1')).toBe('<host> ok')
  expect(answer('a+b.c', ['self'], 'a+b.c', 'x')).toBe('<host>')
})

test('white space at the end of lines and of the text does not count, indentation does', () => {
  expect(answer('a  \r\n  b\t\n\n\n', [])).toBe('a\n  b')
  expect(answer('\x1b[32mok\x1b[0m', [])).toBe('ok')
})

test.each([
  '2026-11-23T03:30:00.123+08:00',
  '2026-11-23 03:30:00',
  '2026/1/2',
  '23/Nov/2026:03:30:00 +0800',
  'Nov 23 03:30:00',
  'Mon Nov 23 03:30:00 CST 2026',
  'Mon, 23 Nov 2026 03:30:00 GMT',
  '03:30',
  '1793000000',
  '2026年11月23日 星期一 03:30:00',
  '11:02:03 PM',
  'Mon 2026-11-23 07:32:44 UTC',
  'Tue 2019-11-19 23:55:53 EST',
])('time %s', (time) => {
  expect(answer(`at ${time} ok`, ['time'])).toBe('at <time> ok')
})

test('words that hold a month, versions and ports are no times', () => {
  expect(answer('Mayor Marble 1.2.3 10.0.0.1:8080 Decode', ['time'])).toBe(
    'Mayor Marble 1.2.3 10.0.0.1:8080 Decode',
  )
})

test('process numbers and numbers', () => {
  expect(answer('sshd[123]: Main PID: 45 (nginx) pid=6 ppid 7 进程号：8 port 22', ['pid'])).toBe(
    'sshd[<pid>]: Main PID: <pid> (nginx) pid=<pid> ppid <pid> 进程号：<pid> port 22',
  )
  expect(answer('MainPID=39 ExecMainPID=40 ControlPID=0 stupid=1 rapid 2', ['pid'])).toBe(
    'MainPID=<pid> ExecMainPID=<pid> ControlPID=<pid> stupid=1 rapid 2',
  )
  expect(answer('up   3 days,  1.25', ['number'])).toBe(answer('up 10 days, 22.5', ['number']))
})

test('a megabyte of anything takes linear time', { timeout: 60_000 }, () => {
  const units = [
    ' ',
    '1',
    'Nov ',
    '1:',
    '2026-',
    'web-',
    'pid ',
    'Mon Nov 2',
    '\t\n',
    'a[1',
    '10.0.0.',
    '1.',
    'Mon  ',
    '.',
  ]
  for (const unit of units) {
    const text = `${unit.repeat((1 << 20) / unit.length)}x`
    const start = performance.now()
    answer(text, ['self', 'time', 'pid', 'number'])
    expect(performance.now() - start, JSON.stringify(unit)).toBeLessThan(10_000)
  }
})

test('never throws, whatever the host is called or prints', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }),
      (output, name, address) => {
        expect(typeof answer(output + name, ['self', 'time', 'pid', 'number'], name, address)).toBe(
          'string',
        )
      },
    ),
  )
})

test('an answer is called by its first line', () => {
  expect(describeAnswer('\n\n  \x1b[1mnginx 1.24\x1b[0m  \nmore')).toBe('nginx 1.24')
  expect(describeAnswer('中'.repeat(200))).toBe(`${'中'.repeat(119)}…`)
  expect(describeAnswer(' \n')).toBe('')
})

test.each(['MainPID=4711', 'Main PID: 4711', 'ppid 4711', 'nginx[4711]'])('pid in %s', (text) => {
  expect(answer(text, ['pid'])).toBe(text.replace('4711', '<pid>'))
})

test('a message is the same for hosts with the same cause', () => {
  const said = (name: string, address: string, pid: number) =>
    normaliseMessage(`${name}: sudo[${pid}] at 10:02:03 from ${address}`, { name, address })
  expect(said('web-1', '10.0.0.1', 12)).toBe(said('web-17', '10.0.0.17', 41_233))
})
