// A project as it is at one moment: its archive, and what is in it.

import { hash } from 'node:crypto'
import { realpath, stat } from 'node:fs/promises'
import { isAbsolute, join, relative } from 'node:path'
import { type LoginSecret, Problem, type Text } from '@omserver/core'
import { type ProjectLimits, projectLimits } from './limits.ts'
import { hasRequirements, playbooksIn } from './playbooks.ts'
import { readFolder } from './read-folder.ts'
import { readGit } from './read-git.ts'
import { packTarGz, type TarEntry } from './tar.ts'

export type Place =
  | { readonly kind: 'folder'; readonly path: string }
  | {
      readonly kind: 'git'
      readonly url: string
      readonly ref: string | null
      readonly credentialId: string | null
    }

export interface Snapshot {
  readonly archive: Uint8Array
  /** SHA-256 of the archive, hex. */
  readonly hash: string
  readonly commit: string | null
  /** Every file and link, by path. */
  readonly paths: ReadonlySet<string>
  readonly playbooks: readonly string[]
  readonly requirements: boolean
}

export interface SnapshotParts {
  readonly dataDir: string
  readonly login: (credentialId: string) => Promise<LoginSecret>
  /** For each thing that git is asked. */
  readonly deadlineMs: number
  readonly limits?: ProjectLimits
}

/** `id` and `lastCommit`: of the project. Throws the Problems of reading and packing. */
export const takeSnapshot = async (
  place: Place,
  of: { readonly id: string; readonly lastCommit: string | null },
  parts: SnapshotParts,
): Promise<Snapshot> => {
  const limits = parts.limits ?? projectLimits
  if (place.kind === 'folder') {
    const folder = await usableFolder(place.path, parts.dataDir)
    return snapshotOf(await readFolder(folder, limits), null, limits)
  }
  const { credentialId } = place
  const { commit, entries } = await readGit(place, {
    folder: join(parts.dataDir, 'projects'),
    login: credentialId === null ? undefined : await parts.login(credentialId),
    deadlineMs: parts.deadlineMs,
    limits,
    ...of,
  })
  return snapshotOf(entries, commit, limits)
}

const snapshotOf = async (
  entries: readonly TarEntry[],
  commit: string | null,
  limits: ProjectLimits,
): Promise<Snapshot> => {
  const archive = await packTarGz(entries, limits.packed)
  return {
    archive,
    hash: hash('sha256', archive, 'hex'),
    commit,
    paths: new Set(entries.map(({ path }) => path)),
    playbooks: playbooksIn(entries),
    requirements: hasRequirements(entries),
  }
}

const bad = (path: string, why: Text): Problem =>
  new Problem('PROJECT_PATH_BAD', { path, why: { ...why } })

const isWithin = (inner: string, outer: string): boolean => {
  const way = relative(outer, inner)
  return way === '' || (!way.startsWith('..') && !isAbsolute(way))
}

/** Throws Problem PROJECT_PATH_BAD; never the folder in which OMServer keeps its keys. */
const usableFolder = async (path: string, dataDir: string): Promise<string> => {
  if (!isAbsolute(path))
    throw bad(path, { zh: '必须是绝对路径', en: 'it must be an absolute path' })
  const folder = await realpath(path).catch(() => undefined)
  const seen = folder === undefined ? undefined : await stat(folder).catch(() => undefined)
  if (folder === undefined || !seen) {
    throw bad(path, {
      zh: '它不存在，或服务端无权读取',
      en: 'it is not there, or not for the server to read',
    })
  }
  if (!seen.isDirectory()) throw bad(path, { zh: '它不是文件夹', en: 'it is not a folder' })
  const own = await realpath(dataDir)
  if (isWithin(own, folder) || isWithin(folder, own)) {
    throw bad(path, {
      zh: '它包含 OMServer 自己的数据目录，或在其中',
      en: 'it holds the data folder of OMServer, or is within it',
    })
  }
  return folder
}
