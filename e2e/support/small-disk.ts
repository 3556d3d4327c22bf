// A disk that can be filled without harm: a few MiB of memory, mounted on a folder of its own. Needs root.

import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SmallDisk {
  readonly folder: string
  /** Not one byte is left. */
  fill(): void
  /** What `fill` took is free again. */
  free(): void
  /** Nothing on it can be changed any more; it cannot be undone while a file is open for writing. */
  protect(): void
  remove(): void
}

const mount = (...args: string[]): void => {
  execFileSync('mount', args, { stdio: ['ignore', 'ignore', 'pipe'] })
}

/** Why there can be none here; undefined: there can. */
export const smallDiskMissing = (): string | undefined => {
  if (process.getuid?.() !== 0) return 'mounting a small disk needs root'
  try {
    makeSmallDisk(1).remove()
    return undefined
  } catch (error) {
    return `a small disk cannot be mounted here: ${error instanceof Error ? error.message : error}`
  }
}

export const makeSmallDisk = (mib: number): SmallDisk => {
  const folder = mkdtempSync(join(tmpdir(), 'om-disk-'))
  try {
    mount('-t', 'tmpfs', '-o', `size=${mib}m,mode=700`, 'tmpfs', folder)
  } catch (error) {
    rmdirSync(folder)
    throw error
  }
  const ballast = join(folder, 'ballast')
  return {
    folder,
    fill: () => {
      const file = openSync(ballast, 'a')
      const page = Buffer.alloc(4096)
      try {
        while (statfsSync(folder).bfree > 0) writeSync(file, page)
      } catch (error) {
        // Whoever else writes takes the last page.
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      } finally {
        closeSync(file)
      }
    },
    free: () => rmSync(ballast, { force: true }),
    protect: () => mount('-o', 'remount,ro', folder),
    remove: () => {
      execFileSync('umount', [folder])
      rmdirSync(folder)
    },
  }
}
