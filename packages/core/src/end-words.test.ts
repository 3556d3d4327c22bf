// Our own sentences in Chinese; what others said as they said it.

import { expect, test } from 'vitest'
import { endMessage } from './end-words.ts'

test.each([
  ['10.0.0.1:22 refused the connection', '10.0.0.1:22 拒绝连接'],
  ['no route to [fd00::1]:22', '没有到 [fd00::1]:22 的路由'],
  ['web-1:22 did not answer within 10 s', 'web-1:22 在 10 s 内没有回应'],
  ['a:22 did not accept the key of user ops', 'a:22 不接受用户 ops 的密钥'],
  ['jump host 1: a:22 refused the connection', '跳板机 1：a:22 拒绝连接'],
  ['copy: the folder /a b does not exist', '目录 /a b 不存在'],
  ['ended by signal SIGKILL', '被信号 SIGKILL 终止'],
  ['the SSH handshake with a:22 failed: weird (x) $1', '与 a:22 的 SSH 握手失败：weird (x) $1'],
])('%s', (en, zh) => {
  expect(endMessage(en)).toEqual({ zh, en })
})

test('what a remote program said is left alone', () => {
  const said = 'sudo: 1 incorrect password attempt'
  expect(endMessage(said)).toEqual({ zh: said, en: said })
  expect(endMessage('').zh).toBe('')
})

test('a hostile message costs no time', () => {
  const before = performance.now()
  for (let n = 0; n < 100; n++) endMessage('jump host '.repeat(60).slice(0, 600))
  expect(performance.now() - before).toBeLessThan(2_000)
})
