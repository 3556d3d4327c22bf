import { activityRoutes, settingsRoutes, userRoutes } from '@omserver/api'
import { Secret } from '@omserver/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemActor } from '../access/index.ts'
import { uuidGenerator } from '../new-id.ts'
import { manualClock } from '../testing/manual-clock.ts'
import { openScratchDb, type ScratchDb } from '../testing/scratch-db.ts'
import { startTestServer, type TestServer } from '../testing/test-server.ts'
import { maskSecrets } from './mask.ts'
import { activityLog, activityService } from './service.ts'

const DAY = 86_400_000
const actor = { ...systemActor, id: 'u1', name: '=cmd()', via: 'session', from: '10.0.0.9' }

describe('the activity log', () => {
  let scratch: ScratchDb
  const clock = manualClock()
  const newId = uuidGenerator(() => clock.now())
  const parts = () => {
    const services = { db: scratch.db, clock, newId }
    const activity = activityLog(services)
    return { activity, service: activityService({ ...services, activity }) }
  }
  beforeAll(async () => {
    scratch = await openScratchDb()
  })
  afterAll(() => scratch.close())

  it('pages from the newest, without a gap or a repetition, while more is written', async () => {
    const { activity, service } = parts()
    for (let n = 0; n < 25; n += 1) {
      await activity.record(actor, { what: 'test.page', subject: `s${n}` })
      if (n % 3 === 0) clock.advance(1)
    }
    const subjects: string[] = []
    let cursor: string | undefined
    do {
      const page = await service.list({ what: 'test.page' }, { limit: 10, cursor })
      subjects.push(...page.items.map(({ subject }) => subject))
      await activity.record(actor, { what: 'test.page', subject: 'later' })
      cursor = page.next ?? undefined
    } while (cursor)
    expect(subjects).toEqual(Array.from({ length: 25 }, (_, n) => `s${24 - n}`))
  })

  it('filters by who, what, when and any text, taking % and _ as they are', async () => {
    const { activity, service } = parts()
    await activity.record(
      { ...actor, name: 'bob' },
      { what: 'find.one', subject: '50%_done', hosts: ['web-1'] },
    )
    clock.advance(1000)
    await activity.record({ ...actor, name: 'eve' }, { what: 'find.two', subject: '50 done' })
    const found = async (filter: Parameters<typeof service.list>[0]) =>
      (await service.list({ what: 'find', ...filter }, { limit: 10 })).items.map(({ what }) => what)
    expect(await found({})).toEqual(['find.two', 'find.one'])
    expect(await found({ actor: 'bob' })).toEqual(['find.one'])
    expect(await found({ text: '50%_' })).toEqual(['find.one'])
    expect(await found({ text: 'web-1' })).toEqual(['find.one'])
    expect(await found({ since: clock.now() })).toEqual(['find.two'])
    expect(await found({ until: clock.now() })).toEqual(['find.one'])
    expect(await found({ what: 'fin' })).toEqual([])
  })

  it('counts all hosts, and names a hundred', async () => {
    const { activity, service } = parts()
    const hosts = Array.from({ length: 250 }, (_, n) => `h${n}`)
    await activity.record(actor, { what: 'test.hosts', subject: 'x'.repeat(1000), hosts })
    const [item] = (await service.list({ what: 'test.hosts' }, { limit: 1 })).items
    expect(item).toMatchObject({ hostCount: 250 })
    expect(item?.hosts).toHaveLength(100)
    expect(item?.subject).toHaveLength(300)
  })

  it('exports everything that the filter finds, safe for a spreadsheet', async () => {
    const { activity, service } = parts()
    for (let n = 0; n < 2100; n += 1) {
      await activity.record(actor, { what: 'test.export', subject: n === 0 ? '+1, "x"' : `${n}` })
    }
    const read = async (format: 'csv' | 'jsonl') =>
      (await Array.fromAsync(service.export({ what: 'test.export' }, format))).join('')
    const csv = await read('csv')
    const lines = csv.trimEnd().split('\r\n')
    expect(lines).toHaveLength(2101)
    expect(csv.startsWith('\ufefftime,actor,')).toBe(true)
    expect(lines.at(-1)).toContain(`,'=cmd(),session,10.0.0.9,test.export,"'+1, ""x""",0,`)
    const json = (await read('jsonl'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(json).toHaveLength(2100)
    expect(json.at(-1)).toMatchObject({ subject: '+1, "x"', actorName: '=cmd()' })
  })

  it('is cut only by age, and says so', async () => {
    const { activity, service } = parts()
    await activity.record(actor, { what: 'test.old', subject: 'old' })
    clock.advance(30 * DAY + 1)
    await activity.record(actor, { what: 'test.old', subject: 'new' })
    expect(await service.trim(0)).toBe(0)
    const removed = await service.trim(30)
    expect(removed).toBeGreaterThan(2000)
    expect((await service.list({}, { limit: 10 })).items).toMatchObject([
      { what: 'activity.trim', actorName: 'system', after: { removed, days: 30 } },
      { what: 'test.old', subject: 'new' },
    ])
  })
})

it('masks what is named like a secret, however deep', () => {
  expect(
    maskSecrets({
      name: 'lab',
      password: 'x',
      list: [{ privateKey: 'x', runAs: { user: 'root', passphrase: 'x' } }],
      apiToken: 'x',
      secret: new Secret('x'),
      passwords: { 'web-1': 'x' },
      key: '-----BEGIN',
      publicKey: 'ssh-ed25519 AAAA',
      keyChanged: false,
      emptyPassword: '',
      nothing: undefined,
    }),
  ).toEqual({
    name: 'lab',
    password: '***',
    list: [{ privateKey: '***', runAs: { user: 'root', passphrase: '***' } }],
    apiToken: '***',
    secret: '***',
    passwords: '***',
    key: '***',
    publicKey: 'ssh-ed25519 AAAA',
    keyChanged: false,
    emptyPassword: '',
  })
})

describe('over http', () => {
  let test: TestServer
  beforeAll(async () => {
    test = await startTestServer()
  })
  afterAll(() => test.close())

  it('is read and downloaded, and offers no way to write', async () => {
    await test.admin.call(settingsRoutes.change, { body: { confirmAbove: 7 } })
    const { items } = await test.admin.call(activityRoutes.list, { query: { what: 'settings' } })
    expect(items).toMatchObject([
      { what: 'settings.change', before: { confirmAbove: 50 }, after: { confirmAbove: 7 } },
    ])
    const file = await test.admin.file(activityRoutes.export, { query: { format: 'jsonl' } })
    expect(file.headers.get('content-disposition')).toMatch(/activity-\d{4}-\d\d-\d\d\.jsonl/)
    expect(await file.text()).toContain('settings.change')
    expect(Object.values(activityRoutes).every(({ method }) => method === 'GET')).toBe(true)
    await expect(test.operator.call(activityRoutes.list, {})).rejects.toMatchObject({
      code: 'FORBIDDEN',
    })
  })

  it('never holds the password somebody was given', async () => {
    const password = 'unique-phrase-of-this-test'
    await test.admin.call(userRoutes.add, { body: { name: 'p', role: 'viewer', password } })
    const file = await test.admin.file(activityRoutes.export, { query: { format: 'csv' } })
    expect(await file.text()).not.toContain(password)
  })
})
