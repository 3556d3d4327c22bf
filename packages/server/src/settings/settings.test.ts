import { settingsRoutes } from '@omserver/api'
import { embeddedEngine } from '@omserver/engine'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { insertRows } from '../db/index.ts'
import { manualClock } from '../testing/manual-clock.ts'
import { openScratchDb } from '../testing/scratch-db.ts'
import { databaseKind } from '../testing/test-database.ts'
import { startTestServer, type TestServer } from '../testing/test-server.ts'
import { type HealthCheck, healthCheck } from './health.ts'
import { defaultSettings, settingsService } from './service.ts'

describe('settings', () => {
  let test: TestServer
  beforeAll(async () => {
    test = await startTestServer()
  })
  afterAll(() => test.close())

  it('have defaults, change in part, and last', async () => {
    expect(await test.viewer.call(settingsRoutes.read, {})).toEqual(defaultSettings)
    const changed = await test.admin.call(settingsRoutes.change, { body: { sessionHours: 1 } })
    expect(changed).toEqual({ ...defaultSettings, sessionHours: 1 })
    test = await test.restart()
    expect(await test.admin.call(settingsRoutes.read, {})).toEqual(changed)
  })

  it('refuse what is out of bounds, and change nothing of the same request', async () => {
    const before = await test.admin.call(settingsRoutes.read, {})
    await expect(
      test.admin.call(settingsRoutes.change, { body: { confirmAbove: 3, sessionHours: 0 } }),
    ).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      text: { zh: expect.stringContaining('body.sessionHours') },
    })
    expect(await test.admin.call(settingsRoutes.read, {})).toEqual(before)
  })

  it('fall back to the default for a stored value that no longer fits', async () => {
    await using scratch = await openScratchDb()
    await insertRows(scratch.db, 'settings', [
      { name: 'sessionHours', value: '-5' },
      { name: 'confirmAbove', value: '9' },
    ])
    const service = settingsService({ db: scratch.db, activity: { record: async () => {} } })
    expect(await service.read()).toEqual({ ...defaultSettings, confirmAbove: 9 })
  })
})

describe('health', () => {
  const withHealth = async (
    use: (parts: {
      health: HealthCheck
      engine: ReturnType<typeof embeddedEngine>
      scratch: Awaited<ReturnType<typeof openScratchDb>>
    }) => Promise<void>,
  ) => {
    await using scratch = await openScratchDb()
    const engine = embeddedEngine()
    const health = await healthCheck({
      db: scratch.db,
      engine,
      dataDir: scratch.folder,
      clock: manualClock(),
    })
    await use({ health, engine, scratch })
    await health.stop()
    await engine.close()
  }

  it('misses the controllers of an IDC that has none', () =>
    withHealth(async ({ health, engine }) => {
      expect(await health.findings()).toEqual([])
      await engine.ensure('sz')
      expect(await health.findings()).toMatchObject([
        { stops: false, text: { en: expect.stringContaining('IDC sz') } },
      ])
      await engine.presence.put('sz', 'controller:c1', {})
      expect(await health.findings()).toEqual([])
    }))

  if (databaseKind() === 'sqlite') {
    it('says when the database cannot be written, and when it can again', () =>
      withHealth(async ({ health, scratch }) => {
        const { sql } = await import('kysely')
        const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(scratch.db)
        await sql.raw(`pragma max_page_count = ${rows[0]!.page_count}`).execute(scratch.db)
        // Rows as small as the probe of the health check, until not even one of them fits.
        const fill = async () => {
          for (let n = 0; ; n += 1) {
            await insertRows(scratch.db, 'settings', [
              { name: `n${n}`.padEnd(12), value: 'x'.repeat(13) },
            ])
          }
        }
        await expect(fill()).rejects.toThrow('DISK_FULL')
        expect(await health.findings()).toMatchObject([
          { stops: true, text: { en: expect.stringContaining('The disk is full') } },
        ])
        await sql.raw('pragma max_page_count = 1000000').execute(scratch.db)
        expect(await health.findings()).toEqual([])
      }))
  }

  it('says that the disk is full before the first write has failed', () =>
    withHealth(async ({ engine, scratch }) => {
      const said = async (mib: number) => {
        const services = { db: scratch.db, engine, dataDir: '/data', clock: manualClock() }
        const health = await healthCheck(services, async () => mib * 1024 * 1024)
        const [finding] = await health.findings()
        await health.stop()
        return finding && [finding.stops, finding.text.en]
      }
      expect(await said(600)).toBeUndefined()
      expect(await said(500)).toEqual([false, expect.stringContaining('Only 500 MiB')])
      expect(await said(1)).toEqual([false, expect.stringContaining('Only 1 MiB')])
      expect(await said(0.9)).toEqual([true, expect.stringContaining('The disk is full: /data')])
    }))

  it('answers 200 to anybody while work can be taken', async () => {
    await using test = await startTestServer()
    expect(await test.stranger.call(settingsRoutes.health, {})).toEqual({
      status: 'ok',
      version: '0.1.0',
      problems: [],
    })
  })
})
