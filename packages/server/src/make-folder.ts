// Makes a folder with those above it.

import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

// Not `recursive`: under /proc, where a folder exists and still takes none, Node would try for ever.
export const makeFolder = (folder: string): void => {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  mkdirSync(folder, { mode: 0o700 })
}
