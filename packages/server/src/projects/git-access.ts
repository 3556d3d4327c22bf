// Lends git a credential for one call: in files that only we can read, gone when the call is over.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LoginSecret } from '@omserver/core'

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** `folder` is ours alone; keys of hosts are kept there when they are first seen, and must be the same from then on. */
export const withGitAccess = async <T>(
  folder: string,
  login: LoginSecret | undefined,
  use: (env: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> => {
  const box = await mkdtemp(join(folder, 'login-'))
  try {
    return await use({ ...(await sshOf(folder, box, login)), ...(await askpassOf(box, login)) })
  } finally {
    await rm(box, { recursive: true, force: true })
  }
}

const sshOf = async (folder: string, box: string, login: LoginSecret | undefined) => {
  const options = [
    'BatchMode=yes',
    'ConnectTimeout=15',
    'StrictHostKeyChecking=accept-new',
    `UserKnownHostsFile=${join(folder, 'known_hosts')}`,
    ...(login?.kind === 'agent' ? [] : ['IdentitiesOnly=yes', 'IdentityAgent=none']),
  ]
  const key = login?.privateKey?.reveal()
  const words = ['ssh', '-F', '/dev/null', ...options.flatMap((option) => ['-o', option])]
  if (key !== undefined) {
    const file = join(box, 'key')
    await writeFile(file, key.endsWith('\n') ? key : `${key}\n`, { mode: 0o600 })
    words.push('-i', file)
  }
  return { GIT_SSH_COMMAND: words.map(quoted).join(' '), GIT_SSH_VARIANT: 'ssh' }
}

/** git asks this program, and sends what it says to whom the address names. */
const askpassOf = async (
  box: string,
  login: LoginSecret | undefined,
): Promise<{ readonly GIT_ASKPASS?: string }> => {
  const password = login?.password?.reveal()
  if (login === undefined || password === undefined) return {}
  const file = join(box, 'askpass')
  await writeFile(join(box, 'user'), login.user, { mode: 0o600 })
  await writeFile(join(box, 'password'), password, { mode: 0o600 })
  const script = `#!/bin/sh
case $1 in
Username*) cat ${quoted(join(box, 'user'))} ;;
*) cat ${quoted(join(box, 'password'))} ;;
esac
`
  await writeFile(file, script, { mode: 0o700 })
  return { GIT_ASKPASS: file }
}
