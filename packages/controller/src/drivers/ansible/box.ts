// The folder of one play, in memory: whatever it must read from files, seen by nobody else, and gone with the play.

import { accessSync, constants } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Box {
  readonly folder: string
  /** Path of what has this name in it. */
  at(name: string): string
  /** Readable by us alone. Returns its path. */
  write(name: string, content: string | Uint8Array, mode?: number): Promise<string>
  remove(): Promise<void>
}

/** Sockets lie in it, and a socket's path may have some hundred characters only: so its name is short. */
const inMemory = '/dev/shm'

const parent = (): string => {
  try {
    accessSync(inMemory, constants.W_OK | constants.X_OK)
    return inMemory
  } catch {
    return tmpdir()
  }
}

export const openBox = async (): Promise<Box> => {
  // mkdtemp makes it for us alone.
  const folder = await mkdtemp(join(parent(), 'om-'))
  const at = (name: string): string => join(folder, name)
  await Promise.all(['a', 'c', 'k', 'tmp'].map((name) => mkdir(at(name), { mode: 0o700 })))
  return {
    folder,
    at,
    async write(name, content, mode = 0o600) {
      await writeFile(at(name), content, { mode, flag: 'wx' })
      return at(name)
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
