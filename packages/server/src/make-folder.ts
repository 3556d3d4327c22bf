// Makes a folder with those above it, and our own of a data folder.

import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { dirname } from 'node:path'

// Not `recursive`: under /proc, where a folder exists and still takes none, Node would try for ever.
export const makeFolder = (folder: string): void => {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  mkdirSync(folder, { mode: 0o700 })
}

/**
 * An empty folder becomes ours alone. One that holds other things already (`--data /tmp`) keeps its mode: closing it
 * would lock everybody else out of theirs.
 */
export const claimFolder = (folder: string): void => {
  makeFolder(folder)
  if (readdirSync(folder).length === 0) chmodSync(folder, 0o700)
}
