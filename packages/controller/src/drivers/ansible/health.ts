// What the driver needs of this machine, and what of it is missing.

import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import type { Driver } from '../../driver.ts'
import { findInstallation } from './installation.ts'

const sshVersion = (): Promise<string | undefined> =>
  new Promise((resolve) => {
    execFile('ssh', ['-V'], { timeout: 10_000 }, (error, _out, err) =>
      resolve(error ? undefined : /^(\S+?),?\s/.exec(err)?.[1]),
    )
  })

const hasMemoryFolder = (): boolean => {
  try {
    accessSync('/dev/shm', constants.W_OK)
    return true
  } catch {
    return false
  }
}

export const ansibleHealth = async (folder?: string): ReturnType<Driver['health']> => {
  const [found, ssh] = await Promise.all([findInstallation(folder), sshVersion()])
  const missing = [
    ...('problem' in found ? [found.problem] : []),
    ...(ssh ? [] : ['there is no ssh client: install openssh-client (Debian) or openssh-clients']),
  ]
  const remarks = hasMemoryFolder()
    ? []
    : ['/dev/shm cannot be written to: passwords of a run lie in files on disk while it runs']
  const version = found.version === undefined ? '' : `ansible-core ${found.version}`
  return {
    ok: missing.length === 0,
    version: ssh ? `${version} ${ssh}`.trim() : version,
    problems: [...missing, ...remarks],
  }
}
