// Reads a project from a folder of the server: its plain files and links, in a fixed order, and nothing else.

import { constants } from 'node:fs'
import { lstat, open, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem, type Text } from '@omserver/core'
import { requireInside } from './inside.ts'
import { type ProjectLimits, tooLarge } from './limits.ts'
import type { TarEntry } from './tar.ts'

const byBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error)

const unreadable = (path: string, error: unknown): Problem =>
  new Problem('PROJECT_UNREADABLE', { path, message: codeOf(error) })

/** Throws Problem PROJECT_LINK, PROJECT_FILE_SPECIAL, PROJECT_UNREADABLE, PROJECT_TOO_LARGE. */
export const readFolder = async (root: string, limits: ProjectLimits): Promise<TarEntry[]> => {
  const entries: TarEntry[] = []
  let bytes = 0
  const walk = async (folder: string): Promise<void> => {
    const names = await readdir(join(root, folder)).catch((error: unknown) => {
      throw unreadable(folder || '.', error)
    })
    for (const name of names.sort(byBytes)) {
      // A folder of Git's, or a file that points to one.
      if (name === '.git') continue
      const path = folder === '' ? name : `${folder}/${name}`
      const seen = await lstat(join(root, path)).catch((error: unknown) => {
        throw unreadable(path, error)
      })
      if (seen.isDirectory()) {
        await walk(path)
        continue
      }
      if (entries.length >= limits.files) throw tooLarge('files', limits.files)
      if (seen.isSymbolicLink()) {
        const target = await readlink(join(root, path))
        requireInside(path, target)
        entries.push({ path, kind: 'link', target })
        continue
      }
      if (!seen.isFile()) throw special(path, kindOf(seen))
      bytes += seen.size
      if (bytes > limits.content) throw tooLarge('content', limits.content)
      entries.push(await readPlain(root, path, limits.content))
    }
  }
  await walk('')
  return entries
}

/** What it was when we looked may have been swapped since: a link is not followed, a pipe not waited for. */
const readPlain = async (root: string, path: string, maxBytes: number): Promise<TarEntry> => {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const file = await open(join(root, path), flags).catch((error: unknown) => {
    throw unreadable(path, error)
  })
  try {
    const now = await file.stat()
    if (!now.isFile()) throw special(path, kindOf(now))
    if (now.size > maxBytes) throw tooLarge('content', maxBytes)
    const executable = (now.mode & 0o111) !== 0
    return { path, kind: 'file', executable, bytes: await file.readFile() }
  } finally {
    await file.close()
  }
}

interface Seen {
  isFIFO(): boolean
  isSocket(): boolean
}

const kindOf = (seen: Seen): Text => {
  if (seen.isFIFO()) return { zh: '命名管道', en: 'a named pipe' }
  if (seen.isSocket()) return { zh: '套接字', en: 'a socket' }
  return { zh: '设备文件', en: 'a device' }
}

const special = (path: string, what: Text): Problem =>
  new Problem('PROJECT_FILE_SPECIAL', { path, what: { ...what } })
