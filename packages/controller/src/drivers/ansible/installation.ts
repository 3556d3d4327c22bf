// Finds Ansible on this machine: where it is, which version, which Python runs it.

import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'

export interface Installation {
  readonly playbook: string
  readonly python: string
  readonly version: string
}

export interface Missing {
  /** What is wrong, and how to mend it. */
  readonly problem: string
  readonly version?: string
}

/** Debian 12 has this one. */
const OLDEST = [2, 14] as const

const VERSION_MS = 60_000

export const emptyConfig = new URL('python/ansible.cfg', import.meta.url).pathname

const remedy =
  'install it (Debian: apt-get install ansible-core; elsewhere: python3 -m venv DIR && DIR/bin/pip install ansible-core) and name its folder in OM_ANSIBLE=DIR/bin'

const isProgram = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const fromPath = (name: string): string | undefined =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder.startsWith('/'))
    .map((folder) => join(folder, name))
    .find(isProgram)

/** The interpreter in its first line: it has what Ansible needs. */
const pythonOf = async (script: string): Promise<string | undefined> => {
  const file = await open(script)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0)
    const line = buffer.subarray(0, bytesRead).toString('utf8').split('\n')[0] ?? ''
    const named = /^#!\s*(\/\S*python\S*)/.exec(line)?.[1]
    if (named !== undefined && isProgram(named)) return named
  } finally {
    await file.close()
  }
  const beside = join(dirname(script), 'python3')
  return isProgram(beside) ? beside : fromPath('python3')
}

const versionOf = (playbook: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const env = {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      LANG: 'C.UTF-8',
      LC_ALL: 'C.UTF-8',
      ANSIBLE_CONFIG: emptyConfig,
    }
    execFile(playbook, ['--version'], { env, timeout: VERSION_MS, cwd: '/' }, (error, out, err) => {
      const version = /^ansible-playbook \[?(?:core |base )?(\d+\.\d+[\w.]*)/m.exec(out)?.[1]
      if (version !== undefined) resolve(version)
      else reject(new Error((err.trim() || error?.message || out).split('\n')[0]?.slice(0, 300)))
    })
  })

const isTooOld = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])
}

/** @param folder where `ansible-playbook` lies; PATH is searched when absent */
export const findInstallation = async (folder?: string): Promise<Installation | Missing> => {
  const playbook = folder ? join(folder, 'ansible-playbook') : fromPath('ansible-playbook')
  if (playbook === undefined || !isProgram(playbook)) {
    const where = folder
      ? `there is no ansible-playbook in ${folder}`
      : 'ansible-playbook is not installed'
    return { problem: `${where}: ${remedy}` }
  }
  try {
    const python = await pythonOf(playbook)
    if (python === undefined) return { problem: `no Python was found for ${playbook}: ${remedy}` }
    const version = await versionOf(playbook)
    if (isTooOld(version)) {
      return {
        version,
        problem: `ansible-core ${version} is too old, ${OLDEST.join('.')} is needed: ${remedy}`,
      }
    }
    return { playbook, python, version }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { problem: `${playbook} does not start (${message}): ${remedy}` }
  }
}
