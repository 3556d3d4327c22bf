// Server and controller apart on one machine, without certificates: nothing is signed, and people enrol.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { controllerRoutes, hostRoutes, runRoutes } from '@omserver/api'
import { expect, onTestFinished, test } from 'vitest'
import { startController } from './support/controller.ts'
import { startNatsServer } from './support/nats-server.ts'
import { startOmServer } from './support/omserver.ts'

const soon = { timeout: 90_000, interval: 200 }

test('a controller without a certificate is enrolled by a person, by its key, and carries out what waited', async () => {
  const nats = await startNatsServer('nats-server')
  onTestFinished(() => nats.stop())
  const folder = mkdtempSync(join(tmpdir(), 'om-e2e-plain-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const server = await startOmServer({ command: 'server', args: ['--nats', nats.url] })
  onTestFinished(() => server.remove())
  const client = await server.client()
  await client.call(hostRoutes.add, {
    body: { name: 's-1', address: '192.0.2.1', driver: 'sim', labels: { idc: 'here' } },
  })
  const { id } = await client.call(runRoutes.launch, {
    body: { module: 'system.uptime', params: {}, selector: 's-1', confirmHosts: 1 },
  })
  const identity = { nats: nats.url, data: join(folder, 'controller') }
  const c1 = await startController('c1', 'here', { identity })
  onTestFinished(() => c1.kill('SIGKILL'))
  await c1.connected()
  const seen = async () => (await client.call(controllerRoutes.list, {})).items[0]
  await expect.poll(async () => (await seen())?.state, soon).toBe('notEnrolled')
  const counts = async () => (await client.call(runRoutes.show, { params: { id } })).counts
  expect(await counts()).toMatchObject({ queued: 1 })
  const enrolled = await server.om([
    ...['controllers', 'enroll', 'c1', '--idc', 'here', '--key', c1.sealKey],
  ])
  expect([enrolled.code, enrolled.stderr]).toEqual([0, ''])
  await expect.poll(async () => (await counts()).ok, soon).toBe(1)
  expect(await seen()).toMatchObject({
    state: 'online',
    enrolled: { by: 'admin', how: 'person' },
    certificate: null,
  })
}, 180_000)
