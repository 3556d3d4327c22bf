// A backup taken in the middle of a run, and what a server does that is started from it.

import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runRoutes } from '@omserver/api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addHosts, addKey } from './support/lab-hosts.ts'
import { type OmServer, runOm, startOmServer } from './support/omserver.ts'
import { type Sshd, startSshd } from './support/sshd.ts'

const HOSTS = 12
const soon = { timeout: 60_000, interval: 100 }

let folder: string
let sshd: Sshd
let server: OmServer
const file = () => join(folder, 'saved.db')

const shell = (command: string, ...more: readonly string[]) =>
  server.om(['run', 'shell', '-t', 'web-*', '-p', `command=${command}`, '--yes', '--json', ...more])

/** A file for each time the command began. */
const begun = (): readonly string[] => readdirSync(join(folder, 'begun'))

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'om-e2e-backup-'))
  mkdirSync(join(folder, 'begun'))
  sshd = await startSshd()
  server = await startOmServer()
  const client = await server.client()
  await addKey(client, 'lab', sshd.user, sshd.key.privateKey)
  await addHosts(
    client,
    sshd,
    Array.from({ length: HOSTS }, () => ({})),
  )
})
afterAll(async () => {
  await server?.remove()
  await sshd?.stop()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

test('a running server is backed up in the middle of a run, into a file that only its owner reads', async () => {
  const go = join(folder, 'go')
  const launched = await shell(
    `: > "$(mktemp ${join(folder, 'begun')}/XXXXXX)"; until [ -e ${go} ]; do sleep 0.1; done`,
    '--concurrency',
    '2',
    '--detach',
  )
  const { id } = launched.json<{ id: string }>()
  await expect.poll(() => begun().length, soon).toBe(2)
  const saved = await server.om(['backup', file(), '--data', server.dataDir])
  expect([saved.code, saved.stderr]).toEqual([0, ''])
  expect(saved.stdout).toContain('Under way: 1.')
  expect(statSync(file()).mode & 0o777).toBe(0o600)
  expect(readdirSync(folder).sort()).toEqual(['begun', 'saved.db'])
  writeFileSync(go, '')
  expect((await server.om(['runs', 'follow', id, '--json'])).events().at(-1)).toMatchObject({
    status: 'succeeded',
    counts: { ok: HOSTS },
  })
})

test('restored, nothing that has run since runs again, and the credentials open', async () => {
  const key = join(server.dataDir, 'secret.key')
  const restored = join(folder, 'restored')
  mkdirSync(restored, { mode: 0o700 })
  copyFileSync(file(), join(restored, 'omserver.db'))
  copyFileSync(key, join(restored, 'secret.key'))
  await server.remove()
  server = await startOmServer({ dataDir: restored })
  const client = await server.client()
  const { items } = await client.call(runRoutes.list, { query: {} })
  const [run] = items
  await expect
    .poll(
      async () => (await client.call(runRoutes.show, { params: { id: run?.id ?? '' } })).state,
      soon,
    )
    .toBe('aborted')
  const { counts } = await client.call(runRoutes.show, { params: { id: run?.id ?? '' } })
  expect(counts).toMatchObject({ aborted: HOSTS })
  expect((await shell('true')).events().at(-1)).toMatchObject({ counts: { ok: HOSTS } })
  expect(begun().length).toBe(HOSTS)
})

test('a file that is there is kept, and a folder without a database is named', async () => {
  const home = folder
  const there = join(folder, 'there')
  writeFileSync(there, 'mine')
  const kept = await runOm(['backup', there, '--data', server.dataDir], { home })
  expect([kept.code, kept.stderr]).toEqual([2, expect.stringContaining('not overwritten')])
  const nothing = await runOm(['backup', join(folder, 'new'), '--data', there], { home })
  expect([nothing.code, nothing.stderr]).toEqual([2, expect.stringContaining('--data')])
  const nowhere = await runOm(['backup', join(folder, 'no', 'where'), '--data', server.dataDir], {
    home,
  })
  expect([nowhere.code, nowhere.stderr]).toEqual([3, expect.stringContaining('ENOENT')])
})
