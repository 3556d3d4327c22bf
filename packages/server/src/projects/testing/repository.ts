// A real Git repository in a folder of its own, for tests.

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export interface Repository extends Disposable {
  readonly folder: string
  git(...args: string[]): string
  write(files: Readonly<Record<string, string>>): void
  /** Writes, and resolves to the new commit. */
  commit(files: Readonly<Record<string, string>>): string
}

const environment = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'test',
  GIT_AUTHOR_EMAIL: 'test@example.com',
  GIT_COMMITTER_NAME: 'test',
  GIT_COMMITTER_EMAIL: 'test@example.com',
}

export const site = '- hosts: all\n  tasks:\n    - ansible.builtin.ping:\n'

export const makeRepository = (): Repository => {
  const folder = mkdtempSync(join(tmpdir(), 'om-repository-'))
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: folder, env: environment, encoding: 'utf8' }).trim()
  const write = (files: Readonly<Record<string, string>>): void => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
  }
  git('init', '--quiet', '--initial-branch=main')
  return {
    folder,
    git,
    write,
    commit: (files) => {
      write(files)
      git('add', '--all')
      git('commit', '--quiet', '--message=next')
      return git('rev-parse', 'HEAD')
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Name → mode, kind and content, as tar itself reads the archive. */
export const unpacked = (archive: Uint8Array): string[] =>
  execFileSync('tar', ['-tvzf', '-', '--full-time'], { input: archive, encoding: 'utf8' })
    .trim()
    .split('\n')

export const contentOf = (archive: Uint8Array, path: string): string =>
  execFileSync('tar', ['-xzOf', '-', path], { input: archive, encoding: 'utf8' })
