// The channel between machines, attacked on the wire while runs are under way: by certificates that are no good, and
// by a controller with a good one that reaches for another IDC or another's name. Beside each stands the same act where
// it is allowed.

import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { controllerRoutes, runRoutes } from '@omserver/api'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { missingTools, needs } from '../scripts/needs.ts'
import { type ControllerProcess, startController } from './support/controller.ts'
import { type NatsAccounts, startNatsAccounts } from './support/nats-accounts.ts'
import { connectWire, type Wire, type WireTls } from './support/nats-wire.ts'
import { type OmServer, runOm, startOmServer } from './support/omserver.ts'
import { endOfRun, launchOn } from './support/run-on.ts'

const HOSTS = 20
const soon = { timeout: 60_000, interval: 200 }
const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1'

let nats: NatsAccounts
let server: OmServer
let port: number
const controllers: ControllerProcess[] = []

const startOne = async (name: string, idc: string, pki = join(nats.dir, name)) => {
  const one = await startController(name, idc, { identity: pki })
  controllers.push(one)
  return one
}

const wireOf = async (tls?: WireTls): Promise<Wire> => {
  const wire = await connectWire(port, tls)
  onTestFinished(() => wire.close())
  return wire
}

/** What became of an attempt to come in. */
const entering = (tls?: WireTls): Promise<string> =>
  connectWire(port, tls).then(
    (wire) => {
      wire.close()
      return 'in'
    },
    () => 'refused',
  )

const stateOf = async (name: string) => {
  const { items } = await (await server.client()).call(controllerRoutes.list, {})
  return items.find((one) => one.name === name)
}

beforeEach((context) => needs(context, 'nats-server', 'faketime'))
beforeAll(async () => {
  if (missingTools(['nats-server', 'faketime']).length > 0) return
  nats = await startNatsAccounts('nats-server', [
    ['server', 'web'],
    ['controller', 'a1', 'idc-a'],
    ['controller', 'a2', 'idc-a'],
    ['controller', 'b1', 'idc-b'],
  ])
  port = Number(new URL(nats.url).port)
  server = await startOmServer({ command: 'server', args: ['--pki', join(nats.dir, 'web')] })
  const hosts = Array.from({ length: HOSTS }, (_, n) => {
    const idc = n % 2 === 0 ? 'idc-a' : 'idc-b'
    return `  - { name: h-${n}, address: 10.0.0.${n + 1}, driver: sim, labels: { idc: ${idc}, sim: fast } }`
  })
  const input = `hosts:\n${hosts.join('\n')}\n`
  expect((await server.om(['hosts', 'import', '-'], { input })).code).toBe(0)
  for (const [name, idc] of [
    ['a1', 'idc-a'],
    ['b1', 'idc-b'],
  ] as const) {
    await (await startOne(name, idc)).connected()
    await vi.waitFor(async () => expect((await stateOf(name))?.state).toBe('online'), soon)
  }
}, 180_000)
afterAll(async () => {
  for (const one of controllers) await one.kill('SIGKILL')
  await server?.remove()
  await nats?.stop()
})

test('a certificate that is expired, revoked, of another CA or absent opens nothing; a good one does', async () => {
  const longAgo = { LD_PRELOAD: FAKETIME, FAKETIME: '-30d', DONT_FAKE_MONOTONIC: '1' }
  const issued = await runOm(
    ['pki', 'issue', nats.dir, 'controller', 'old', '--idc', 'idc-a', '--days', '10'],
    { home: server.dataDir, env: longAgo, timeoutMs: 60_000 },
  )
  expect([issued.code, issued.stderr]).toEqual([0, ''])
  await nats.issue('controller', 'gone', 'idc-a')
  await nats.reload()
  await expect.poll(() => entering(nats.tlsOf('gone')), soon).toBe('in')
  // Kept by whoever took it, after the folder has been set aside.
  const taken = await wireOf(nats.tlsOf('gone'))
  expect((await nats.pki('revoke', nats.dir, 'gone')).code).toBe(0)
  await nats.reload()
  // Cut at once, and not let in again.
  await expect.poll(() => taken.flush().then(String, () => 'cut'), soon).toBe('cut')
  const revoked = join(nats.dir, 'gone.revoked-1')
  const foreign = join(nats.dir, '..', 'foreign')
  expect((await nats.pki('init', foreign, '--name', 'Test & Co')).code).toBe(0)
  const posing = ['issue', foreign, 'controller', 'a1', '--idc', 'idc-a', '--servers', nats.url]
  expect((await nats.pki(...posing)).code).toBe(0)
  const filesIn = (folder: string) => ({
    caFile: nats.tlsOf('a1').caFile,
    certFile: join(folder, 'tls.crt'),
    keyFile: join(folder, 'tls.key'),
  })
  const attempts = {
    expired: await entering(nats.tlsOf('old')),
    revoked: await entering(filesIn(revoked)),
    foreign: await entering(filesIn(join(foreign, 'a1'))),
    none: await entering({ caFile: nats.tlsOf('a1').caFile }),
    plain: await entering(undefined),
    good: await entering(nats.tlsOf('a1')),
  }
  expect(attempts).toEqual({
    expired: 'refused',
    revoked: 'refused',
    foreign: 'refused',
    none: 'refused',
    plain: 'refused',
    good: 'in',
  })
}, 180_000)

/** Streams, and what lies in them, as a controller of the IDC finds them. */
const reachedFor = (idc: string) => {
  const kinds = ['log', 'work', 'lease', 'done', 'intent', 'presence', 'direct']
  const streams = kinds.map((kind) => `om_${kind}_${idc}`)
  return [
    ...streams.map((stream) => [`$JS.API.STREAM.INFO.${stream}`, ''] as const),
    ...streams.map((stream) => [`$JS.API.STREAM.MSG.GET.${stream}`, '{"seq":1}'] as const),
    [
      `$JS.API.CONSUMER.CREATE.om_log_${idc}`,
      `{"stream_name":"om_log_${idc}","config":{"deliver_subject":"_INBOX_b1.stolen","ack_policy":"none"}}`,
    ] as const,
    [`$JS.API.CONSUMER.MSG.NEXT.om_work_${idc}.controllers`, '{"batch":1,"expires":1000000000}'],
  ] as const
}

test('a controller of another IDC hears, reads and changes nothing of a run; in its own it hears', async () => {
  const wire = await wireOf(nats.tlsOf('b1'))
  for (const subject of ['>', 'om.>', 'om.idc.idc-a.>', '_INBOX.>', '_INBOX_a1.>', '$JS.>']) {
    wire.subscribe(subject)
  }
  // Whatever permissions say, its own account has no such subjects: so with those of a whole server, too.
  const whole = await wireOf(nats.tlsFor('web', 'idc-b'))
  whole.subscribe('>')
  await Promise.all([wire.flush(), whole.flush()])
  const client = await server.client()
  const run = await launchOn(client, 'idc=idc-a', 'echo secret-of-a; sleep 3; echo done')
  for (const from of [wire, whole]) {
    from.publish('om.idc.idc-a.work.forged', 'x')
    from.publish(`om.idc.idc-a.intent.run_3a${run.id}`, '\x01{"want":"abort"}')
    from.publish(`om.idc.idc-a.log.epoch.${run.id}.history.b1`, 'x')
    from.publish('om.idc.idc-a.presence.controller_3aa1', 'x')
    from.publish('om.idc.idc-a.bus.run_2eabort', `{"runId":"${run.id}"}`)
    for (const [subject, body] of reachedFor('idc-a')) from.publish(subject, body, '_INBOX_b1.got')
    await from.flush()
  }
  const own = await wireOf(nats.tlsOf('b1'))
  own.subscribe('_INBOX_b1.>')
  for (const [subject, body] of reachedFor('idc-a')) own.publish(subject, body, '_INBOX_b1.got')
  await own.flush()
  const { hosts } = await endOfRun(client, run.id)
  expect([...hosts.values()].map(({ state }) => state)).toEqual(Array(HOSTS / 2).fill('ok'))
  // Nothing but what is of its own IDC, and answers that there is no such stream.
  const heard = [...wire.heard, ...own.heard]
  expect(heard.filter(({ subject, payload }) => `${subject} ${payload}`.includes('idc-a'))).toEqual(
    [],
  )
  const answers = heard.filter(({ subject }) => /^_INBOX_b1\.(got|stolen)$/.test(subject))
  expect(answers.filter(({ payload }) => !payload.includes('"error"'))).toEqual([])
  expect(wire.refusals.length).toBeGreaterThan(10)
  const leaked = whole.heard.filter(
    ({ subject, payload }) => subject.startsWith('om.idc.idc-a.log.') && !payload.startsWith('x'),
  )
  expect(leaked).toEqual([])

  // The same where it is allowed: the way of looking sees.
  const inA = await wireOf(nats.tlsFor('web', 'idc-a'))
  inA.subscribe('om.idc.idc-a.>')
  inA.subscribe('_INBOX_web.>')
  inA.publish('$JS.API.STREAM.INFO.om_log_idc-a', '', '_INBOX_web.got')
  await inA.flush()
  const second = await launchOn(client, 'idc=idc-a', 'echo again')
  await endOfRun(client, second.id)
  await expect
    .poll(() => inA.heard.some(({ subject }) => subject.startsWith('om.idc.idc-a.log.')), soon)
    .toBe(true)
  expect(inA.heard.some(({ payload }) => payload.includes('"om_log_idc-a"'))).toBe(true)
  const ownIdc = await wireOf(nats.tlsOf('b1'))
  ownIdc.subscribe('_INBOX_b1.>')
  ownIdc.publish('$JS.API.STREAM.INFO.om_log_idc-b', '', '_INBOX_b1.got')
  await expect
    .poll(() => ownIdc.heard.some(({ payload }) => payload.includes('"om_log_idc-b"')), soon)
    .toBe(true)
}, 180_000)

test('a controller with another name than that of its certificate is refused, by itself and on the wire', async () => {
  const asked = await runOm(
    ['controller', '--pki', join(nats.dir, 'a2'), '--name', 'a1', '--idc', 'idc-a'],
    { home: server.dataDir, timeoutMs: 60_000 },
  )
  expect(asked.code).toBe(2)
  const wire = await wireOf(nats.tlsOf('a2'))
  const forbidden = [
    'om.idc.idc-a.presence.controller_3aa1',
    'om.idc.idc-a.call.a1.ping.server.web.x.1',
  ]
  for (const subject of forbidden) wire.publish(subject, 'x')
  wire.subscribe('om.idc.idc-a.call.a1.*.*.*.*.*')
  wire.subscribe('_INBOX_a1.>')
  await wire.flush()
  expect(wire.refusals).toHaveLength(4)
  // Of itself it may.
  wire.publish('om.idc.idc-a.presence.controller_3aa2', 'x')
  wire.subscribe('om.idc.idc-a.call.a2.*.*.*.*.*')
  await wire.flush()
  expect(wire.refusals).toHaveLength(4)
})

test('the name and certificate of an enrolled controller are not enough: another key opens nothing', async () => {
  const thief = join(nats.dir, 'a1')
  const [a1] = controllers
  if (!a1) throw new Error('no controller')
  await a1.kill('SIGKILL')
  renameSync(join(thief, 'seal.key'), join(thief, 'kept'))
  const posing = await startOne('a1', 'idc-a')
  await posing.connected()
  expect(posing.sealKey).not.toBe(a1.sealKey)
  await expect
    .poll(async () => (await stateOf('a1'))?.troubles.map(({ what }) => what.en).join(), soon)
    .toContain('Its public key is not the one that was enrolled')
  const client = await server.client()
  const run = await launchOn(client, 'idc=idc-a', 'echo for-a1-only')
  await new Promise((resolve) => setTimeout(resolve, 4_000))
  expect((await client.call(runRoutes.show, { params: { id: run.id } })).counts.queued).toBe(
    HOSTS / 2,
  )
  await posing.kill('SIGKILL')
  rmSync(join(thief, 'seal.key'), { force: true })
  renameSync(join(thief, 'kept'), join(thief, 'seal.key'))
  const back = await startOne('a1', 'idc-a')
  expect(back.sealKey).toBe(a1.sealKey)
  expect((await endOfRun(client, run.id)).run.counts).toMatchObject({ ok: HOSTS / 2 })
}, 180_000)
