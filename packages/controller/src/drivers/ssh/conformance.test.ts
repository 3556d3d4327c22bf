// The driver conformance suite against a real sshd.

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { Problem, Secret, secretRef } from '@omserver/core'
import { embeddedEngine } from '@omserver/engine'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { type Sshd, sshdMissing, startSshd } from '../../../../../e2e/support/sshd.ts'
import { spoolKey } from '../../detached/spool.ts'
import { canRun, type DriverHarness, driverConformance } from '../conformance.ts'
import { sshDriver } from './driver.ts'

const missing = sshdMissing()

describe.skipIf(missing !== undefined)(
  `ssh driver${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    let sshd: Sshd
    let blackHole: Server
    let harness: DriverHarness
    const secrets = new Map<string, string>()
    const folder = mkdtempSync(join(tmpdir(), 'om-ssh-'))

    beforeAll(async () => {
      sshd = await startSshd()
      blackHole = createServer(() => undefined).listen(0, '127.0.0.1')
      const hole = await new Promise<number>((resolve) => {
        blackHole.once('listening', () => {
          const bound = blackHole.address()
          resolve(typeof bound === 'object' && bound !== null ? bound.port : 0)
        })
      })
      const { blobs } = embeddedEngine()
      const driver = sshDriver({
        blobs,
        spools: folder,
        clock: { now: Date.now, monotonic: () => performance.now() },
        secrets: {
          open: (ref) => {
            const value = secrets.get(ref)
            return value === undefined
              ? Promise.reject(new Problem('SECRET_MISSING', { ref }))
              : Promise.resolve(new Secret(value))
          },
          credential: (id) =>
            Promise.resolve({
              id,
              version: 1,
              user: sshd.user,
              kind: 'ssh-key',
              privateKey: new Secret(sshd.key.privateKey),
            }),
        },
      })
      const access = {
        address: sshd.address(0),
        port: sshd.port,
        credentialId: 'c',
        hostKey: sshd.hostKeys[0],
      }
      const host = { hostId: 'h1', name: 'h1', access, jumps: [], vars: { 'host.name': 'h1' } }
      harness = {
        driver,
        host,
        unreachable: { ...host, access: { ...access, port: 1 } },
        silent: { ...host, access: { ...access, address: '127.0.0.1', port: hole } },
        machine: { folder },
        blobs,
        spoolOf: (attempt) =>
          existsSync(join(folder, `omserver-${userInfo().uid}`, spoolKey('run-1', 'h1', attempt))),
        secret: (value) => {
          const ref = `run:run-1:${secrets.size}`
          secrets.set(ref, value)
          return secretRef(ref)
        },
      }
    })

    afterAll(async () => {
      await harness?.driver.close()
      blackHole?.close()
      await sshd?.stop()
      rmSync(folder, { recursive: true, force: true })
    })

    for (const one of driverConformance) {
      it(one.name, async ({ skip }) => {
        if (!canRun(one, harness)) skip(`needs ${one.needs}`)
        await one.run(harness)
      })
    }
  },
)
