// Reads a project from a Git repository: the commit that its ref names now, and the files of that commit. Nothing is
// checked out.

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type LoginSecret, Problem } from '@omserver/core'
import { type GitEnd, type GitRun, gitMessage, runGit } from './git.ts'
import { withGitAccess } from './git-access.ts'
import { requireInside } from './inside.ts'
import { type ProjectLimits, tooLarge } from './limits.ts'
import type { TarEntry } from './tar.ts'

export interface GitPlace {
  readonly url: string
  /** null: the branch that the repository names as its own. */
  readonly ref: string | null
}

export interface GitRead {
  readonly commit: string
  readonly entries: readonly TarEntry[]
}

export interface GitStore {
  /** Where copies of repositories are, ours alone; made when it is not there. */
  readonly folder: string
  /** Of the project: the name of its copy. */
  readonly id: string
  readonly login: LoginSecret | undefined
  readonly deadlineMs: number
  readonly limits: ProjectLimits
  /** What is said of a repository that cannot be reached. */
  readonly lastCommit: string | null
}

const NOW = 'refs/om/now'
const LIST_BYTES = 32 * 1024 * 1024
const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/
const MAYBE_COMMIT = /^[0-9a-f]{7,64}$/

/**
 * Throws Problem PROJECT_UNREACHABLE {url, message, commit}, PROJECT_REF_UNKNOWN, PROJECT_GIT_MISSING, PROJECT_LINK,
 * PROJECT_FILE_SPECIAL, PROJECT_TOO_LARGE.
 */
export const readGit = async (place: GitPlace, store: GitStore): Promise<GitRead> => {
  await mkdir(store.folder, { recursive: true, mode: 0o700 })
  const repository = join(store.folder, `${store.id}.git`)
  return withGitAccess(store.folder, store.login, async (env) => {
    const git = (args: readonly string[], more: Partial<GitRun> = {}) =>
      runGit(args, {
        repository,
        deadlineMs: store.deadlineMs,
        maxBytes: LIST_BYTES,
        env,
        ...more,
      })
    const made = await git(['init', '--bare', '--quiet', '--template='])
    if (made.code !== 0) throw unreachable(place, store, made)
    const commit = await fetchCommit(git, place, store)
    return { commit, entries: await readTree(git, commit, place, store) }
  })
}

type Git = (args: readonly string[], more?: Partial<GitRun>) => Promise<GitEnd>

const unreachable = ({ url }: GitPlace, store: GitStore, end: GitEnd): Problem =>
  new Problem('PROJECT_UNREACHABLE', {
    url,
    message: gitMessage(end, store.deadlineMs),
    commit: store.lastCommit ?? '–',
  })

const fetchCommit = async (git: Git, place: GitPlace, store: GitStore): Promise<string> => {
  const { ref, url } = place
  // A commit never becomes another one: what is here need not be asked for.
  if (ref !== null && COMMIT.test(ref)) {
    const known = await commitOf(git, ref)
    if (known) return known
  } else {
    const refspec = `+${ref ?? 'HEAD'}:${NOW}`
    const got = await git(['fetch', '--quiet', '--depth=1', '--no-tags', '--', url, refspec])
    if (got.code === 0) {
      const commit = await commitOf(git, NOW)
      if (commit) return commit
    } else if (!/couldn't find remote ref/.test(got.stderr)) throw unreachable(place, store, got)
  }
  if (ref !== null && MAYBE_COMMIT.test(ref)) {
    const whole = ['+refs/heads/*:refs/om/heads/*', '+refs/tags/*:refs/om/tags/*']
    const got = await git(['fetch', '--quiet', '--depth=2147483647', '--', url, ...whole])
    if (got.code !== 0) throw unreachable(place, store, got)
    const commit = await commitOf(git, ref)
    if (commit) return commit
  }
  throw new Problem('PROJECT_REF_UNKNOWN', { url, ref: ref ?? 'HEAD' })
}

const commitOf = async (git: Git, name: string): Promise<string | undefined> => {
  const { code, stdout } = await git(['rev-parse', '--verify', '--quiet', `${name}^{commit}`])
  return code === 0 ? stdout.toString('utf8').trim() : undefined
}

interface Listed {
  readonly mode: string
  readonly object: string
  readonly path: string
}

const readTree = async (
  git: Git,
  commit: string,
  place: GitPlace,
  store: GitStore,
): Promise<readonly TarEntry[]> => {
  const { limits } = store
  const list = await git(['ls-tree', '-r', '-z', '--full-tree', '--long', commit])
  if (list.code !== 0) throw unreachable(place, store, list)
  const listed: Listed[] = []
  let bytes = 0
  for (const line of list.stdout.toString('utf8').split('\0')) {
    const [, mode, kind, object, size, path] =
      /^(\d+) (\w+) ([0-9a-f]+) +(\d+|-)\t(.+)$/s.exec(line) ?? []
    if (mode === undefined || object === undefined || path === undefined) continue
    if (kind !== 'blob') {
      const what = { zh: 'Git 子模块', en: 'a Git submodule' }
      throw new Problem('PROJECT_FILE_SPECIAL', { path, what })
    }
    if (listed.length >= limits.files) throw tooLarge('files', limits.files)
    bytes += Number(size)
    if (bytes > limits.content) throw tooLarge('content', limits.content)
    listed.push({ mode, object, path })
  }
  const input = listed.map(({ object }) => `${object}\n`).join('')
  const maxBytes = bytes + listed.length * 200 + 1
  const read = await git(['cat-file', '--batch'], { input, maxBytes })
  if (read.code !== 0) throw unreachable(place, store, read)
  return entriesOf(listed, read.stdout)
}

/** `<object> blob <size>\n<bytes>\n` for each, in the order in which they were asked for. */
const entriesOf = (listed: readonly Listed[], answer: Buffer): readonly TarEntry[] => {
  let at = 0
  return listed.map(({ mode, path }): TarEntry => {
    const line = answer.indexOf('\n', at)
    const size = Number(answer.toString('latin1', at, line).split(' ')[2])
    if (line === -1 || !Number.isSafeInteger(size)) throw new Error(`git said nothing of ${path}`)
    const bytes = answer.subarray(line + 1, line + 1 + size)
    at = line + 1 + size + 1
    if (mode !== '120000') return { path, kind: 'file', executable: mode === '100755', bytes }
    const target = bytes.toString('utf8')
    requireInside(path, target)
    return { path, kind: 'link', target }
  })
}
