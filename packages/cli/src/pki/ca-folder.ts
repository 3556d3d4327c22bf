// The folder of a CA as a command was given it, with the time and the randomness that it works with.

import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import type { CaFolder } from './issuing.ts'
import { refusal } from './refuse.ts'

const newSerial = (): string => {
  const bytes = randomBytes(16)
  // Positive, and never shorter than it is.
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes.toString('hex')
}

export const caFolder = (dir: string): CaFolder => {
  if (dir === '') throw refusal('目录不能为空。', 'The folder must not be empty.')
  return { dir: resolve(dir), now: Date.now(), newSerial }
}
