// A server that knows one credential, and carrying a command to it, for the tests of reaching a host.

import type { Access, TargetHost } from '@omserver/core'
import { type Sshd, startSshd } from '../../../../../e2e/support/sshd.ts'
import { type Carried, carry as carryOn, shell } from '../conformance/case-kit.ts'
import { type TestDriver, testDriver } from './test-driver.ts'

export interface Reach {
  readonly sshd: Sshd
  readonly own: TestDriver
  /** The server, with the key it has and a credential it accepts. */
  access(more?: Partial<Access>): Access
  /** Carries `echo hello` to a host. */
  carry(
    to: Access,
    jumps?: readonly Access[],
    connectTimeoutMs?: number,
    use?: TestDriver,
  ): Promise<Carried>
}

export const target = (to: Access, jumps: readonly Access[] = []): TargetHost => ({
  hostId: 'h',
  name: 'h',
  access: to,
  jumps,
  vars: {},
})

export const unused = () => {
  throw new Error('no secrets here')
}

export const openReach = async (): Promise<Reach> => {
  const sshd = await startSshd({ hostKeys: ['ed25519', 'rsa', 'ecdsa'] })
  const own = testDriver()
  const good = own.credential('good', sshd.user, { key: sshd.key.privateKey })
  return {
    sshd,
    own,
    access: (more = {}) => ({
      address: sshd.address(0),
      port: sshd.port,
      credentialId: good,
      hostKey: sshd.hostKeys[0],
      ...more,
    }),
    carry: (to, jumps = [], connectTimeoutMs = 10_000, use = own) =>
      carryOn(
        { driver: use.driver, host: target(to, jumps), secret: unused },
        shell('echo hello'),
        {
          connectTimeoutMs,
        },
      ),
  }
}
