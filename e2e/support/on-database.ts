// OMServer on a database server: as on SQLite, across kill -9 of the server and of the database in mid-run.

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { missingTools, needs } from '../../scripts/needs.ts'
import { type DatabaseKind, type DatabaseServer, startDatabaseServer } from './database-server.ts'
import { makeDatabase } from './make-database.ts'
import { type OmServer, PASSWORD, runOm, startOmServer } from './omserver.ts'

const HOSTS = 300

interface RunState {
  readonly state: string
  readonly counts: Readonly<Record<string, number>>
}

export const onDatabase = (kind: DatabaseKind, tool: 'mariadbd' | 'postgres'): void => {
  let database: DatabaseServer
  let server: OmServer
  let url: string

  beforeEach((context) => needs(context, tool))
  beforeAll(async () => {
    if (missingTools([tool]).length > 0) return
    database = await startDatabaseServer(kind)
    url = await makeDatabase(database, 'omserver')
    server = await startOmServer({ env: { OM_DATABASE_URL: url } })
    expect((await server.om(['demo', '--hosts', String(HOSTS)])).code).toBe(0)
  })
  afterAll(async () => {
    await server?.remove()
    await database?.stop()
  })

  const launch = async (delayMs: number): Promise<string> => {
    const words = ['run', 'shell', '-t', '* !localhost', '-p', `command=sim:delay=${delayMs}`]
    const started = await server.om([
      ...words,
      '--concurrency',
      '20',
      '--yes',
      '--detach',
      '--json',
    ])
    expect(started.stderr).toBe('')
    return started.json<{ id: string }>().id
  }
  const state = async (id: string): Promise<RunState> =>
    (await server.om(['runs', 'show', id, '--json'])).json<RunState>()
  const ended = (run: RunState): number =>
    Object.entries(run.counts).reduce(
      (sum, [name, count]) => (name === 'queued' || name === 'running' ? sum : sum + count),
      0,
    )
  const untilEnded = (id: string, hosts: number) =>
    expect
      .poll(async () => ended(await state(id)), { timeout: 60_000, interval: 200 })
      .toBeGreaterThanOrEqual(hosts)
  const finished = async (id: string): Promise<RunState> => {
    expect((await server.om(['runs', 'follow', id, '--json'])).events().at(-1)).toMatchObject({
      type: 'run.ended',
    })
    return state(id)
  }
  const again = async () => {
    const { dataDir, port } = server
    server = await startOmServer({ dataDir, port, env: { OM_DATABASE_URL: url } })
  }
  const health = async (): Promise<{ readonly status: number; readonly text: string }> => {
    const response = await fetch(`${server.url}/api/health`)
    return { status: response.status, text: await response.text() }
  }

  test('a run ends whole, its pages and outputs are read, and a restart finds everything', async () => {
    const id = await launch(0)
    const run = await finished(id)
    expect(ended(run)).toBe(HOSTS)
    const list = await server.om(['runs', 'list', '--json'])
    expect(list.stdout).toContain(id)
    const output = await server.om(['runs', 'output', id])
    expect(output.code).toBe(0)
    expect(output.stdout).not.toBe('')
    await server.kill('SIGTERM')
    await again()
    expect((await state(id)).counts).toEqual(run.counts)
    expect((await server.om(['hosts', 'list', '--json'])).stdout).toContain('localhost')
  }, 180_000)

  test('a server killed in mid-run takes the run up again, and nothing of it is lost', async () => {
    const id = await launch(300)
    await untilEnded(id, 30)
    await server.kill('SIGKILL')
    await again()
    const run = await finished(id)
    expect(ended(run)).toBe(HOSTS)
    expect(run.counts['lost'] ?? 0).toBeLessThanOrEqual(20)
  }, 180_000)

  test('a database killed in mid-run: requests are told, the run waits, and goes on when it is back', async () => {
    const id = await launch(300)
    await untilEnded(id, 30)
    await database.kill()
    await expect.poll(async () => (await health()).status, { timeout: 60_000 }).toBe(503)
    const said = (await health()).text
    expect(said).toContain('cannot be reached')
    expect(said).toContain('连不上数据库')
    expect(said).toContain('/omserver')
    const refused = await server.om(['hosts', 'list'])
    expect(refused.stderr).toContain('DB_UNREACHABLE')
    expect(refused.code).toBe(3)
    await database.start()
    await expect.poll(async () => (await health()).status, { timeout: 60_000 }).toBe(200)
    const run = await finished(id)
    expect(ended(run)).toBe(HOSTS)
    expect(run.counts['lost'] ?? 0).toBe(0)
    // Once more, and at once: a database that is only restarted.
    const next = await launch(100)
    await untilEnded(next, 10)
    await database.kill()
    await database.start()
    const second = await finished(next)
    expect(ended(second)).toBe(HOSTS)
    expect(second.counts['lost'] ?? 0).toBe(0)
  }, 240_000)

  const secret = () => decodeURIComponent(new URL(url).password)
  const refusal = async (databaseUrl: string) => {
    const refused = await runOm(['up', '--data', `${server.dataDir}-other`, '--port', '0'], {
      home: server.dataDir,
      env: { OM_DATABASE_URL: databaseUrl, OM_ADMIN_PASSWORD: PASSWORD },
      timeoutMs: 60_000,
    })
    for (const text of [refused.stdout, refused.stderr]) {
      expect(text).not.toContain(secret())
      expect(text).not.toContain(encodeURIComponent(secret()))
    }
    return refused
  }

  test('a start says what it has against the database, and never the password', async () => {
    const unknown = await refusal(url.replace(/omserver$/, 'nowhere'))
    expect(unknown.stderr).toContain('DB_DENIED')
    const wrong = new URL(url)
    wrong.password = `${encodeURIComponent(secret())}x`
    expect((await refusal(wrong.href)).stderr).toContain('DB_DENIED')
    const closed = new URL(url)
    closed.port = '1'
    const unreachable = await refusal(closed.href)
    expect(unreachable.stderr).toContain('DB_UNREACHABLE')
    expect(unreachable.stderr).toContain(':1/omserver')
    const named = url.replace('127.0.0.1', 'localhost')
    for (const [parameters, code] of [
      ['sslmode=verify-full', 'DB_UNREACHABLE'],
      [`sslmode=verify-full&sslrootcert=${database.certificate}`, 'DB_IN_USE'],
      ['sslmode=require', 'DB_IN_USE'],
    ] as const) {
      expect((await refusal(`${named}?${parameters}`)).stderr, parameters).toContain(code)
    }
    const foreign = await makeDatabase(database, 'of_others', 'create table users (id int)')
    const others = await refusal(foreign)
    expect(others.stderr).toContain('DB_NOT_EMPTY')
    expect(others.code).toBe(3)
    expect(server.printed()).not.toContain(secret())
  }, 180_000)
}
