// Keeps projects unpacked, by the hash of their archive: one that has not changed is there already.

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmod,
  mkdir,
  readdir,
  realpath,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join, normalize, sep } from 'node:path'
import type { PlaybookAction } from '@omserver/core'
import type { Blobs } from '@omserver/engine'
import { randomToken } from '../../random-token.ts'

/** Projects that were not used for so long go when another one comes. */
const KEPT_MS = 7 * 24 * 60 * 60 * 1000

const unpackScript = new URL('python/unpack.py', import.meta.url).pathname

export interface ProjectCache {
  /** The folder that has the project; throws ProjectProblem. */
  folderOf(action: PlaybookAction, python: string): Promise<string>
}

export class ProjectProblem extends Error {}

export const defaultCache = (): string =>
  join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'omserver', 'ansible')

const unpack = (python: string, archive: string, folder: string): Promise<void> =>
  new Promise((resolve, reject) => {
    execFile(python, ['-I', '-B', unpackScript, archive, folder], (error, _out, err) => {
      if (error)
        reject(new ProjectProblem(err.trim() || 'the archive of the project cannot be unpacked'))
      else resolve()
    })
  })

export const createProjectCache = (
  folder: string,
  options: { readonly blobs?: Pick<Blobs, 'get'>; readonly now: () => number },
): ProjectCache => {
  const coming = new Map<string, Promise<string>>()

  const forgetOld = async (): Promise<void> => {
    for (const name of await readdir(folder)) {
      const { mtimeMs } = await stat(join(folder, name))
      if (options.now() - mtimeMs > KEPT_MS) {
        await rm(join(folder, name), { recursive: true, force: true })
      }
    }
  }

  const bring = async (hash: string, python: string): Promise<string> => {
    const home = join(folder, hash)
    const now = options.now() / 1000
    const isThere = await utimes(home, now, now).then(
      () => true,
      () => false,
    )
    if (isThere) return home
    const bytes = await options.blobs?.get(hash)
    if (!bytes) throw new ProjectProblem('the archive of the project is gone: launch the run again')
    if (createHash('sha256').update(bytes).digest('hex') !== hash) {
      throw new ProjectProblem('the archive of the project has arrived damaged')
    }
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await chmod(folder, 0o700)
    await forgetOld().catch(() => undefined)
    const part = join(folder, `${hash}.${randomToken()}`)
    try {
      await mkdir(part, { mode: 0o700 })
      await writeFile(`${part}.tar`, bytes, { mode: 0o600 })
      await unpack(python, `${part}.tar`, part)
      // Another controller on this machine may have been quicker: what it has made is the same.
      await rename(part, home).catch(() => undefined)
    } finally {
      await rm(`${part}.tar`, { force: true })
      await rm(part, { recursive: true, force: true })
    }
    return home
  }

  return {
    folderOf({ source }, python) {
      if (!source || !/^[0-9a-f]{64}$/.test(source.blob)) {
        return Promise.reject(new ProjectProblem('the run does not say what its project was'))
      }
      const { blob } = source
      const known = coming.get(blob) ?? bring(blob, python).finally(() => coming.delete(blob))
      coming.set(blob, known)
      return known
    },
  }
}

/** The playbook's path, once it is certain to lie in the project. Throws ProjectProblem. */
export const playbookIn = async (folder: string, playbook: string): Promise<string> => {
  const path = normalize(playbook)
  if (isAbsolute(path) || path === '..' || path.startsWith(`..${sep}`) || path.includes('\0')) {
    throw new ProjectProblem(`"${playbook}" lies outside of the project`)
  }
  const real = await realpath(join(folder, path)).catch(() => undefined)
  if (real === undefined || !(await stat(real)).isFile()) {
    throw new ProjectProblem(`the project has no playbook "${playbook}"`)
  }
  if (!real.startsWith(`${await realpath(folder)}${sep}`)) {
    throw new ProjectProblem(`"${playbook}" lies outside of the project`)
  }
  return join(folder, path)
}
