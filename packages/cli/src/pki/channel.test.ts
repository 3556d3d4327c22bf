// Whom a real nats-server lets in, with the certificates and the configuration that `om` writes.

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { join } from 'node:path'
import { connectNatsEngine, type Engine, type NatsOptions } from '@omserver/engine'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type NatsAccounts, startNatsAccounts } from '../../../../e2e/support/nats-accounts.ts'
import { missingTools } from '../../../../scripts/needs.ts'
import { natsOptionsOf } from './bundle.ts'
import { renew } from './issuing.ts'

const second = process.env['OM_NATS_SERVER']
const binaries = ['nats-server', ...(second ? [second] : [])]

const DAY = 86_400_000
const newSerial = (): string => `40${randomBytes(15).toString('hex')}`
/** For what takes as long as a busy machine needs. */
const patiently = { timeout: 30_000 }

describe.skipIf(missingTools(['nats-server']).length > 0)('the channel', () => {
  describe.each(binaries)('%s', { timeout: 120_000 }, (binary) => {
    let nats: NatsAccounts
    let server: Engine

    const engineOf = async (options: NatsOptions): Promise<Engine> => {
      const engine = await connectNatsEngine({ connectWithinMs: 1_500, ...options })
      onTestFinished(() => engine.close())
      return engine
    }
    const bundleOf = (name: string): NatsOptions => natsOptionsOf(join(nats.dir, name))
    const isRefused = async (options: NatsOptions): Promise<void> => {
      await expect(engineOf(options)).rejects.toThrow(/no connection to nats-server/)
    }
    const isUp = async (engine: Engine): Promise<boolean> => (await engine.health('sz')).ok

    beforeAll(async () => {
      nats = await startNatsAccounts(binary, [
        ['server', 'web'],
        ['controller', 'c1', 'sz'],
        ['controller', 'c2', 'sz'],
        ['controller', 'late', 'sz'],
        ['nats', 'bj-nats', 'bj'],
        ['controller', 'b1', 'bj'],
      ])
      server = await connectNatsEngine(bundleOf('web'))
      await server.ensure('sz')
    }, 300_000)
    afterAll(async () => {
      await server?.close()
      await nats?.stop()
    })

    test('a bundle is all that its holder needs', async () => {
      const c1 = await engineOf(bundleOf('c1'))
      const hash = await server.blobs.put(Buffer.from('for controllers'))
      expect(Buffer.from((await c1.blobs.get(hash)) ?? []).toString()).toBe('for controllers')
      await c1.presence.put('sz', 'controller:c1', 1)
      expect(await server.presence.all('sz')).toEqual(new Map([['controller:c1', 1]]))
    })

    test('nobody comes in without a certificate, or in plain text', async () => {
      const { servers, identity } = bundleOf('c1')
      await isRefused({ servers, identity, role: 'controller' })
      const { caFile } = nats.tlsOf('c1')
      await isRefused({ servers, identity, role: 'controller', tls: { caFile } })

      const { port } = new URL(nats.url)
      const socket = connectTcp(Number(port), '127.0.0.1')
      onTestFinished(() => void socket.destroy())
      let said = ''
      socket.on('data', (data) => {
        said += data
      })
      socket.on('error', () => undefined)
      await once(socket, 'data')
      socket.write('CONNECT {"verbose":false,"protocol":1}\r\nPING\r\n')
      await once(socket, 'close')
      expect(said).toMatch(/^INFO .*"tls_required":true/)
      expect(said).not.toContain('PONG')
    })

    test('a CA that only has the same name is another one, for both sides', async () => {
      const foreign = join(nats.dir, '..', 'foreign')
      await nats.pki('init', foreign, '--name', 'Test & Co')
      const where = ['--servers', nats.url]
      await nats.pki('issue', foreign, 'controller', 'c1', '--idc', 'sz', ...where)
      const posing = natsOptionsOf(join(foreign, 'c1'))
      const subjectOf = (dir: string) => readFileSync(join(dir, 'c1', 'identity.json'), 'utf8')
      expect(JSON.parse(subjectOf(foreign)).name).toBe(JSON.parse(subjectOf(nats.dir)).name)
      await isRefused({ ...posing, tls: { ...posing.tls, caFile: nats.tlsOf('c1').caFile } })
      // Whoever trusts another CA does not take nats-server for what it says it is.
      const { caFile } = posing.tls ?? {}
      await isRefused({ ...bundleOf('c1'), tls: { ...nats.tlsOf('c1'), caFile } })
      await isRefused({ ...bundleOf('c1'), tls: { ...nats.tlsOf('c1'), caFile: undefined } })
    })

    test('nats-server is not believed under an address that its certificate does not have', async () => {
      const elsewhere = nats.url.replace('127.0.0.1', '127.0.0.2')
      await isRefused({ ...bundleOf('c1'), servers: elsewhere })
      await isRefused({ ...bundleOf('c1'), servers: nats.url.replace('127.0.0.1', 'localhost') })
    })

    test('a certificate of nats-server is no way in', async () => {
      await isRefused({ ...bundleOf('c1'), tls: nats.tlsOf('nats-1') })
    })

    test('the certificate of a leaf node lets nobody else into its IDC, and its people do not come in at the hub', async () => {
      await isRefused({ ...bundleOf('b1'), tls: nats.tlsOf('bj-nats') })
      await isRefused(bundleOf('b1'))
    })

    test('a certificate that has ended is refused, and one that was renewed is not', async () => {
      const past = { dir: nats.dir, now: Date.now() - 10 * DAY, newSerial }
      await renew(past, 'late', 9)
      await isRefused(bundleOf('late'))
      const renewed = await nats.pki('renew', nats.dir, 'late', '--json')
      expect(renewed.json<{ state: string }>().state).toBe('valid')
      expect(await isUp(await engineOf(bundleOf('late')))).toBe(true)
    })

    test('a reload cuts who was revoked, and the others go on', async () => {
      await nats.issue('controller', 'c9', 'sz')
      await nats.reload()
      // nats-server says nothing when it has read it.
      await expect.poll(() => engineOf(bundleOf('c9')).then(isUp), patiently).toBe(true)
      const [c9, c1] = await Promise.all([engineOf(bundleOf('c9')), engineOf(bundleOf('c1'))])
      const heard: unknown[] = []
      await c1.bus.on('sz', 'topic', (data) => heard.push(data))
      const revoked = await nats.pki('revoke', nats.dir, 'c9', '--json')
      expect(revoked.json<{ state: string }>().state).toBe('revoked')
      await nats.reload()
      await expect.poll(() => isUp(c9), patiently).toBe(false)
      const old = natsOptionsOf(join(nats.dir, 'c9.revoked-1'))
      await isRefused(old)

      server.bus.emit('sz', 'topic', 1)
      await expect.poll(() => heard, patiently).toEqual([1])

      // The name, given again, does not bring the old certificate back.
      await nats.issue('controller', 'c9', 'sz')
      await nats.reload()
      await expect
        .poll(() => engineOf(bundleOf('c9')).then(isUp, () => false), patiently)
        .toBe(true)
      await isRefused(old)
      expect(await isUp(c9)).toBe(false)
    })

    test('an IDC that is new needs no restart: neither of nats-server nor of the server', async () => {
      await expect(server.ensure('gz')).rejects.toThrow(/gz/)
      await nats.issue('controller', 'g1', 'gz')
      await nats.reload()
      await expect
        .poll(() => server.ensure('gz').then(() => 'there', String), {
          timeout: 60_000,
          interval: 500,
        })
        .toBe('there')
      const g1 = await engineOf(bundleOf('g1'))
      await g1.presence.put('gz', 'controller:g1', 'here')
      expect(await server.presence.all('gz')).toEqual(new Map([['controller:g1', 'here']]))
      // An import of an account that came with a reload works from the next reload on.
      await nats.reload()
      const hash = await server.blobs.put(Buffer.from('for the new one'))
      expect(Buffer.from((await g1.blobs.get(hash)) ?? []).toString()).toBe('for the new one')
    })

    test('keys that never left their machine come in with what was signed', async () => {
      const own = join(nats.dir, '..', 'own')
      const made = await nats.pki('request', 'far', '--out', own, '--json')
      const signed = await nats.pki(
        ...['sign', nats.dir, join(own, 'tls.csr'), '--kind', 'controller', '--name', 'far'],
        ...['--idc', 'sz', '--seal-key', join(own, 'seal.pub'), '--servers', nats.url],
      )
      expect([made.code, signed.code, signed.stderr]).toEqual([0, 0, ''])
      await nats.reload()
      const far = {
        ...bundleOf('far'),
        tls: { ...nats.tlsOf('far'), keyFile: join(own, 'tls.key') },
      }
      await expect.poll(() => engineOf(far).then(isUp, () => false), patiently).toBe(true)
    })
  })
})
