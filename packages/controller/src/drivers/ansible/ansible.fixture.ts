// Two versions of Ansible, a server to reach, and a driver over credentials held in memory, for the tests of this folder.

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Problem, Secret, type SecretRef, secretRef, type TargetHost } from '@omserver/core'
import type { Account } from '../../../../../e2e/support/account.ts'
import { type Sshd, startSshd } from '../../../../../e2e/support/sshd.ts'
import { missingTools } from '../../../../../scripts/needs.ts'
import type { Driver } from '../../driver.ts'
import { type AnsibleDriverOptions, ansibleDriver } from './driver.ts'

const cached = new URL('../../../../../.cache/ansible-core/bin', import.meta.url).pathname

/** Debian's, and the one of PyPI that scripts/test.sh has put into the cache. */
export const installations = [
  {
    name: 'of Debian',
    bin: '/usr/bin',
    missing: missingTools(['sshd', 'ssh', 'ansible']).join(', '),
  },
  {
    name: 'of PyPI',
    bin: cached,
    missing: [
      ...missingTools(['sshd', 'ssh', 'ansible-pypi']),
      ...(existsSync(join(cached, 'ansible-playbook')) ? [] : ['ansible-core of PyPI']),
    ].join(', '),
  },
] as const

export interface Lab {
  readonly driver: Driver
  readonly sshd: Sshd
  /** Empty at first. */
  readonly folder: string
  readonly blobs: Map<string, Uint8Array>
  /** The nth host, whose key is pinned. */
  host(nth: number, more?: Partial<TargetHost>): TargetHost
  secret(value: string): SecretRef
  close(): Promise<void>
}

export const openLab = async (
  options: Partial<AnsibleDriverOptions> = {},
  login: { readonly account?: Account; readonly config?: readonly string[] } = {},
): Promise<Lab> => {
  const { account, config = [] } = login
  const sshd = await startSshd({ config })
  const folder = mkdtempSync(join(tmpdir(), 'om-ansible-'))
  const secrets = new Map<string, string>()
  const blobs = new Map<string, Uint8Array>()
  const driver = ansibleDriver({
    cache: join(folder, 'cache'),
    blobs: { get: async (hash) => blobs.get(hash), open: async () => undefined },
    secrets: {
      open: async (ref) => {
        const value = secrets.get(ref)
        if (value === undefined) throw new Problem('SECRET_MISSING', { ref })
        return new Secret(value)
      },
      credential: async (id) => ({
        id,
        version: 1,
        ...(account
          ? { user: account.name, kind: 'password', password: new Secret(account.password) }
          : { user: sshd.user, kind: 'ssh-key', privateKey: new Secret(sshd.key.privateKey) }),
      }),
    },
    ...options,
  })
  return {
    driver,
    sshd,
    folder,
    blobs,
    host: (nth, more = {}) => ({
      hostId: `h${nth}`,
      name: `web-${nth}`,
      access: {
        address: sshd.address(nth),
        port: sshd.port,
        credentialId: 'c',
        hostKey: sshd.hostKeys[0],
      },
      jumps: [],
      vars: { 'host.name': `web-${nth}`, 'host.labels.app': 'nginx' },
      ...more,
    }),
    secret(value) {
      const ref = `run:run-1:${secrets.size}`
      secrets.set(ref, value)
      return secretRef(ref)
    },
    async close() {
      await driver.close()
      await sshd.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
