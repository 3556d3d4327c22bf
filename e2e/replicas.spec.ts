// Two `om server` on one database, with a real nats-server, a controller and hosts: one drives, the other hands on, and
// takes over when the first is killed or frozen.

import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runRoutes } from '@omserver/api'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { missingTools, needs } from '../scripts/needs.ts'
import { desktop, openBrowser, openContext, signIn } from './support/browser.ts'
import { type ControllerProcess, startController } from './support/controller.ts'
import {
  type DatabaseKind,
  type DatabaseServer,
  startDatabaseServer,
} from './support/database-server.ts'
import { addHosts, addKey } from './support/lab-hosts.ts'
import { makeDatabase } from './support/make-database.ts'
import { begunIn, leavesMark } from './support/marks.ts'
import { type NatsAccounts, startNatsAccounts } from './support/nats-accounts.ts'
import { type OmServer, startOmServer } from './support/omserver.ts'
import { type Sshd, startSshd } from './support/sshd.ts'

const HOSTS = 16
/** The other drives, after a freeze at the latest; on a machine that is busy. */
const takenOver = { timeout: 40_000, interval: 100 }
const soon = { timeout: 60_000, interval: 200 }

const replicas = (kind: DatabaseKind, tool: 'mariadbd' | 'postgres'): void => {
  let database: DatabaseServer
  let nats: NatsAccounts
  let sshd: Sshd
  let controller: ControllerProcess
  let browser: Browser
  let home: string
  let url: string
  const servers = new Map<string, OmServer>()

  const start = async (name: string): Promise<OmServer> => {
    const before = servers.get(name)
    const server = await startOmServer({
      command: 'server',
      dataDir: join(home, name),
      ...(before ? { port: before.port } : {}),
      args: ['--pki', join(nats.dir, name)],
      env: { OM_DATABASE_URL: url },
      // The first signs in; a session is good for all.
      login: before === undefined,
    })
    servers.set(name, server)
    return server
  }
  const server = (name: string): OmServer => {
    const found = servers.get(name)
    if (!found) throw new Error(`no ${name}`)
    return found
  }
  const drives = (name: string): boolean => {
    const said = server(name).printed()
    const [last = ''] = said.match(/drives now|stands by/g)?.slice(-1) ?? []
    return last !== 'stands by'
  }
  const standsBy = (name: string): boolean => !drives(name)

  const launch = async (on: string, place: string, seconds: number): Promise<string> => {
    const started = await server(on).om([
      ...[
        'run',
        'shell',
        '-t',
        'idc=sz',
        '-p',
        `command=${leavesMark(place, `sleep ${seconds}; echo done`)}`,
      ],
      ...['--concurrency', '4', '--yes', '--json', '--detach'],
    ])
    expect(started.stderr).toBe('')
    return started.json<{ id: string }>().id
  }
  const follow = (on: string, id: string) => server(on).om(['runs', 'follow', id, '--json'])

  const onceEach = (place: string): void => {
    const begun = begunIn(place)
    expect(begun).toHaveLength(HOSTS)
    expect(new Set(begun).size).toBe(HOSTS)
  }
  const allOk = { type: 'run.ended', status: 'succeeded', counts: { ok: HOSTS } }

  const openRun = async (on: string, id: string): Promise<Page> => {
    const page = await (
      await openContext(browser, { lang: 'en', theme: 'light', ...desktop })
    ).newPage()
    await signIn(page, server(on))
    await page.goto(`${server(on).url}/runs/${id}`)
    // Gone after a reload.
    await page.evaluate('window.stillHere = true')
    return page
  }

  beforeEach((context) => {
    needs(context, tool)
    needs(context, 'nats-server')
  })
  beforeAll(async () => {
    if (missingTools([tool, 'nats-server']).length > 0) return
    home = mkdtempSync(join(tmpdir(), 'om-e2e-replicas-'))
    ;[database, sshd, nats, browser] = await Promise.all([
      startDatabaseServer(kind),
      startSshd({ config: ['MaxStartups 200'] }),
      startNatsAccounts('nats-server', [
        ['server', 'web-a'],
        ['server', 'web-b'],
        ['controller', 'c1', 'sz'],
      ]),
      openBrowser(),
    ])
    url = await makeDatabase(database, 'omserver')
    const a = await start('web-a')
    mkdirSync(join(home, 'web-b'), { mode: 0o700 })
    copyFileSync(join(home, 'web-a', 'secret.key'), join(home, 'web-b', 'secret.key'))
    await start('web-b')
    controller = await startController('c1', 'sz', { identity: join(nats.dir, 'c1') })
    const client = await a.client()
    await addKey(client, 'lab', sshd.user, sshd.key.privateKey)
    await addHosts(
      client,
      sshd,
      Array.from({ length: HOSTS }, (_, n) => ({ name: `sz-${n}`, labels: { idc: 'sz' } })),
    )
    await controller.connected()
  })
  afterAll(async () => {
    await browser?.close()
    await controller?.kill('SIGKILL')
    for (const one of servers.values()) await one.kill('SIGKILL')
    await nats?.stop()
    await sshd?.stop()
    await database?.stop()
    if (home) rmSync(home, { recursive: true, force: true })
  })

  test('what is launched through the one that stands by runs, and is followed there', async () => {
    expect(drives('web-a')).toBe(true)
    expect(standsBy('web-b')).toBe(true)
    const place = join(home, 'through')
    const id = await launch('web-b', place, 0)
    const followed = await follow('web-b', id)
    expect(followed.events().at(-1)).toMatchObject(allOk)
    onceEach(place)
    for (const name of ['web-a', 'web-b']) {
      expect((await fetch(`${server(name).url}/api/health`)).status).toBe(200)
    }
  })

  test('the one that drives is killed: the other takes over, the page and the command go on', async () => {
    const place = join(home, 'killed')
    const id = await launch('web-b', place, 4)
    const followed = follow('web-b', id)
    const page = await openRun('web-b', id)
    await page
      .getByRole('button', { name: /^Abort/ })
      .first()
      .waitFor()
    await expect.poll(() => begunIn(place).length, soon).toBeGreaterThan(3)
    const killedAt = performance.now()
    await server('web-a').kill('SIGKILL')
    // The page says that it is behind only if this takes longer than a moment.
    await expect.poll(() => drives('web-b'), takenOver).toBe(true)
    console.log(`${kind}: took over ${Math.round(performance.now() - killedAt)} ms after kill -9`)
    const { code, ...result } = await followed
    expect(result.stderr).toBe('')
    expect(result.events().at(-1)).toMatchObject(allOk)
    expect(code).toBe(0)
    onceEach(place)
    await page.getByRole('button', { name: 'Run again', exact: true }).waitFor()
    expect(await page.evaluate('window.stillHere')).toBe(true)
    await page.context().close()
    const client = await server('web-b').client()
    const detail = await client.call(runRoutes.show, { params: { id } })
    expect(detail.counts).toMatchObject({ ok: HOSTS, lost: 0, queued: 0, running: 0 })
  }, 120_000)

  test('when it is back it stands by, and answers all the same', async () => {
    const a = await start('web-a')
    expect(standsBy('web-a')).toBe(true)
    expect(drives('web-b')).toBe(true)
    const list = await a.om(['runs', 'list', '--json'])
    expect(list.code).toBe(0)
    const place = join(home, 'back')
    const id = await launch('web-a', place, 0)
    expect((await follow('web-a', id)).events().at(-1)).toMatchObject(allOk)
    onceEach(place)
  })

  test('one that is frozen is replaced; thawed it stands by, and has done no harm', async () => {
    const place = join(home, 'frozen')
    const id = await launch('web-a', place, 5)
    const followed = follow('web-a', id)
    await expect.poll(() => begunIn(place).length, soon).toBeGreaterThan(3)
    const frozen = server('web-b').pid
    const frozenAt = performance.now()
    process.kill(frozen, 'SIGSTOP')
    try {
      await expect.poll(() => drives('web-a'), takenOver).toBe(true)
      console.log(
        `${kind}: took over ${Math.round(performance.now() - frozenAt)} ms after a freeze`,
      )
      const result = await followed
      expect(result.stderr).toBe('')
      expect(result.events().at(-1)).toMatchObject(allOk)
    } finally {
      process.kill(frozen, 'SIGCONT')
    }
    await expect.poll(() => standsBy('web-b'), takenOver).toBe(true)
    const list = await server('web-b').om(['runs', 'show', id, '--json'])
    expect(list.json<{ counts: Record<string, number> }>().counts).toMatchObject({ ok: HOSTS })
    const after = join(home, 'after')
    const next = await launch('web-b', after, 0)
    expect((await follow('web-b', next)).events().at(-1)).toMatchObject(allOk)
    onceEach(place)
    onceEach(after)
  }, 150_000)
}

describe('on MariaDB', () => replicas('mariadb', 'mariadbd'))
describe('on PostgreSQL', () => replicas('postgres', 'postgres'))
