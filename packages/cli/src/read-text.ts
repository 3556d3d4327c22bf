// What `@file` and `@-` of a parameter stand for.

import { readFile } from 'node:fs/promises'
import { EXIT_USAGE, ExitError } from './exit.ts'
import { say } from './lang.ts'
import { readStdin, textOf } from './terminal.ts'

/** `-` is standard input. Throws ExitError when the file cannot be read or is no text. */
export const readText = async (from: string): Promise<string> => {
  if (from === '-') return readStdin()
  const bytes = await readFile(from).catch((error: NodeJS.ErrnoException) => {
    throw new ExitError(
      EXIT_USAGE,
      say({ zh: `读不了文件 ${from}：${error.code}`, en: `Cannot read ${from}: ${error.code}` }),
    )
  })
  return textOf(bytes, from)
}
