// Writes a download into a file, whole or not at all, or onto standard output.

import { createWriteStream } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { EXIT_SERVER, ExitError } from './exit.ts'
import { say } from './lang.ts'

export interface Saved {
  readonly file: string
  readonly bytes: number
}

/** undefined: it went to standard output. */
export const saveDownload = async (
  response: Response,
  file: string,
): Promise<Saved | undefined> => {
  const body = response.body ? Readable.fromWeb(response.body) : Readable.from([])
  if (file === '-') {
    await pipeline(body, process.stdout, { end: false }).catch(cutOff)
    return undefined
  }
  const half = `${file}.part`
  try {
    await pipeline(body, createWriteStream(half))
    await rename(half, file)
  } catch (error) {
    await rm(half, { force: true })
    return cutOff(error)
  }
  return { file, bytes: (await stat(file)).size }
}

const cutOff = (error: unknown): never => {
  const why = error instanceof Error ? error.message : String(error)
  throw new ExitError(
    EXIT_SERVER,
    say({
      zh: `下载未完成，未保存：${why}`,
      en: `The download did not finish; nothing was kept: ${why}`,
    }),
  )
}
