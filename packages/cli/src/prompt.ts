// Questions on a terminal. Never asked when standard input is not one: a program must not hang.

import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { EXIT_USAGE, ExitError } from './exit.ts'
import { say } from './lang.ts'

export const canAsk = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true

/** Ctrl-C and Ctrl-D at a question are an answer: no. */
const left = (): never => {
  throw new ExitError(
    EXIT_USAGE,
    say({ zh: '已取消，什么都没有做。', en: 'Cancelled; nothing was done.' }),
  )
}

export const ask = async (question: string): Promise<string> => {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return (await lines.question(question).catch(left)).trim()
  } finally {
    lines.close()
  }
}

/** Reads a secret without showing it. */
export const askSecret = async (question: string): Promise<string> => {
  if (!canAsk()) {
    throw new ExitError(
      EXIT_USAGE,
      say({
        zh: '没有终端可输入密码，请用 --password-stdin 从标准输入传入。',
        en: 'There is no terminal to ask for the password; pass it with --password-stdin.',
      }),
    )
  }
  process.stderr.write(question)
  // readline echoes what is typed to its output: an output that swallows everything keeps the secret unseen.
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true })
  try {
    return await lines.question('').catch(left)
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}
