import { randomBytes, randomUUID } from 'node:crypto'
import {
  type Action,
  type BookUser,
  type DirectSubmission,
  type IdcBook,
  type Json,
  Problem,
  Secret,
} from '@omserver/core'
import {
  abortKey,
  BOOK_KEY,
  bookPieceKey,
  controllerSealing,
  DIRECT_ABORT,
  DIRECT_ASK,
  DIRECT_RUN,
  type DirectReply,
  type Engine,
  embeddedEngine,
  type Handler,
  type LetterKind,
  makeSealKeys,
  NotProven,
  openAnswer,
  type RunIntent,
  realAfter,
  type Signing,
  sealBook,
  sealRunKey,
  writeLetter,
} from '@omserver/engine'
import { expect, onTestFinished, test } from 'vitest'
import { directDesk } from './direct-desk.ts'

const IDC = 'sz'
const uptime: Action = { kind: 'shell', command: ['uptime'] }
const keys = makeSealKeys()
const methods = { question: DIRECT_ASK, run: DIRECT_RUN, abort: DIRECT_ABORT } as const

const users: readonly BookUser[] = [
  { client: 'root', name: 'admin', role: 'admin', grants: [] },
  {
    client: 'wei',
    name: 'wei',
    role: 'operator',
    grants: [{ id: 'g', modules: ['system.*'], selector: '*' }],
  },
  {
    client: 'ann',
    name: 'ann',
    role: 'operator',
    grants: [{ id: 'h', modules: ['system.*'], selector: '*' }],
  },
]

const bookOf = (number: number, until: number): IdcBook => ({
  idc: IDC,
  number,
  until,
  hosts: ['web-1', 'web-2'].map((name, n) => ({
    id: `h${n}`,
    name,
    address: `10.0.0.${n}`,
    port: 22,
    driver: 'ssh',
    labels: { idc: IDC },
    credentialId: 'c1',
  })),
  groups: [],
  users,
  settings: { confirmAbove: 10, concurrency: 100, hostTimeoutMs: 60_000 },
})

const publish = async (engine: Engine, book: IdcBook): Promise<void> => {
  const { head, pieces } = await sealBook(
    book,
    { controllers: [keys.publicKey], servers: [] },
    {
      open: () => Promise.reject(new Error('none')),
      credential: async (id) => ({
        id,
        version: 1,
        user: 'ops',
        kind: 'password',
        password: new Secret('from the book'),
      }),
    },
  )
  for (const [n, piece] of pieces.entries())
    await engine.books.put(IDC, bookPieceKey(book.number, n), piece)
  await engine.intent.put(IDC, BOOK_KEY, head)
}

/** A certificate is the name of its holder here, and whoever signs may. That they prove it, engine/src/signing tests. */
const signingAs = (name: string): Signing => ({
  sign: async () => ({
    certificate: Buffer.from(name),
    at: Date.now(),
    signature: Buffer.from(''),
  }),
  verify(_, __, signed, mayBe) {
    if (!signed || !mayBe.includes('client')) throw new NotProven('it is not signed')
    const by = Buffer.from(signed.certificate).toString()
    const certificate = { serial: '', fingerprint: '', endsAt: 0 }
    return { by: { kind: 'client', name: by, idc: IDC, generation: 1 }, at: signed.at, certificate }
  },
})

/** A desk on an embedded engine, a book that counts for an hour, and clients that write to it. */
const setUp = async () => {
  const engine = embeddedEngine()
  onTestFinished(() => engine.close())
  const sealing = await controllerSealing(keys.privateKey)
  let now = Date.now()
  const told: (readonly [string, RunIntent])[] = []
  const said: string[] = []
  const log = {
    info: (_: object, text: string) => void said.push(text),
    warn: (_: object, text: string) => void said.push(text),
    error: (_: object, text: string) => void said.push(text),
  }
  const desk = directDesk({
    own: () => sealing.own,
    verifier: signingAs('c1'),
    evaluate: (module) => {
      if (module !== 'system.uptime') throw new Problem('MODULE_NOT_HERE', { module })
      return { action: uptime, mask: [] }
    },
    clock: { now: () => now, monotonic: () => now },
    after: realAfter,
    log,
  })
  await engine.ensure(IDC)
  // In one process every call is the server's: whose it is, a certificate would say.
  const handlers = new Map<string, Handler>()
  const bus: Engine['bus'] = {
    ...engine.bus,
    async serve(_, method, { callers }, handler) {
      expect(callers).toEqual(['client'])
      handlers.set(method, handler)
      return async () => undefined
    },
  }
  const tell = (run: string, intent: RunIntent): void => void told.push([run, intent])
  await desk.enter({ idc: IDC, engine: { ...engine, bus }, name: 'c1', tell })
  await publish(engine, bookOf(1, now + 3_600_000))
  const epoch = await engine.log.epoch(IDC)

  const as = async (client: string) => {
    const signer = signingAs(client)
    const key = new Uint8Array(randomBytes(32))
    return async (
      kind: LetterKind,
      run: string,
      content: object,
      by = client,
    ): Promise<DirectReply> => {
      const sealed = await sealRunKey([keys.publicKey], key, { idc: IDC, run })
      const about = { kind, idc: IDC, run }
      const letter = await writeLetter(about, content as Json, { key, keys: sealed, signer })
      const caller = { kind: 'client' as const, idc: IDC, name: by, protocol: 1 }
      const signal = new AbortController().signal
      const call = { caller, signal, takesItems: false, emit: async () => undefined }
      const answer = await handlers.get(methods[kind])?.(letter as unknown as Json, call)
      if (answer === undefined) throw new Error(`nobody serves ${kind}`)
      return openAnswer(about, key, answer) as unknown as DirectReply
    }
  }
  const submission = (runId: string, more: Partial<DirectSubmission> = {}): DirectSubmission => ({
    runId,
    idc: IDC,
    client: 'wei',
    at: now,
    book: 1,
    epoch,
    module: 'system.uptime',
    params: {},
    selector: '*',
    check: false,
    action: uptime,
    strategy: { concurrency: 10, hostTimeoutMs: 1_000, retries: 0 },
    hosts: ['web-1', 'web-2'].map((name, n) => ({ hostId: `h${n}`, name, driver: 'ssh' })),
    ...more,
  })
  return {
    engine,
    desk,
    as,
    submission,
    told,
    said,
    pass: (ms: number): void => {
      now += ms
    },
  }
}

const codeOf = (reply: DirectReply): string => (reply.ok ? 'ok' : reply.code)

test('what a client begins lies there once, and every controller reads it for itself', async () => {
  const { engine, desk, as, submission } = await setUp()
  const [wei, run] = [await as('wei'), randomUUID()]
  const asked = await wei('question', run, { client: 'wei', at: 1, module: 'shell', selector: '*' })
  expect(asked).toMatchObject({
    ok: true,
    value: {
      book: 1,
      hosts: [{ name: 'web-1' }, { name: 'web-2' }],
      refused: { code: 'GRANT_MISSING' },
    },
  })
  expect(codeOf(await wei('run', run, submission(run)))).toBe('ok')
  expect(await engine.queue.depth(IDC)).toMatchObject({ waiting: 1 })
  const opened = await desk.open(IDC, `${run}:0`)
  expect(opened.slice).toMatchObject({
    runId: run,
    action: uptime,
    concurrency: 2,
    hosts: [
      { hostId: 'h0', access: { address: '10.0.0.0', credentialId: 'c1' } },
      { hostId: 'h1' },
    ],
  })
  expect(opened.secrets.logins).toMatchObject({ c1: { password: 'from the book' } })
  await expect(desk.open(IDC, `${run}:1`)).rejects.toThrow('no slice')
  await expect(desk.open(IDC, `${randomUUID()}:0`)).rejects.toThrow('does not lie there')
  // Another run under the same id is another one.
  expect(codeOf(await wei('run', run, submission(run, { selector: 'web-1' })))).toBe('RUN_ID_TAKEN')
})

test('what is asked for must be what the module does, on hosts and in a store that are still the same', async () => {
  const { engine, as, submission } = await setUp()
  const wei = await as('wei')
  const begin = async (more: Partial<DirectSubmission>) => {
    const run = randomUUID()
    return codeOf(await wei('run', run, submission(run, more)))
  }
  const other: Action = { kind: 'shell', command: ['reboot'] }
  expect(await begin({ action: other })).toBe('DIRECT_MODULE_DIFFERS')
  expect(await begin({ module: 'shell', action: other })).toBe('MODULE_NOT_HERE')
  expect(await begin({ epoch: 'before' })).toBe('DIRECT_STORE_LOST')
  expect(await begin({ client: 'root' })).toBe('DIRECT_UNREADABLE')
  expect(await begin({ idc: 'bj' })).toBe('DIRECT_UNREADABLE')
  expect(await begin({ runId: randomUUID() })).toBe('DIRECT_UNREADABLE')
  expect(await begin({ hosts: [{ hostId: 'h9', name: 'web-9', driver: 'ssh' }] })).toBe(
    'DIRECT_HOSTS_CHANGED',
  )
  const stranger = await as('eve')
  const run = randomUUID()
  expect(codeOf(await stranger('run', run, submission(run, { client: 'eve' })))).toBe(
    'DIRECT_NOT_ALLOWED',
  )
  // A letter that another client has got hold of.
  await expect(wei('run', run, submission(run), 'ann')).rejects.toThrow('DIRECT_UNREADABLE')
  expect(await engine.queue.depth(IDC)).toMatchObject({ waiting: 0 })
})

test('a right that is taken away counts for what has not been taken, too', async () => {
  const { engine, desk, as, submission } = await setUp()
  const [wei, run] = [await as('wei'), randomUUID()]
  expect(codeOf(await wei('run', run, submission(run)))).toBe('ok')
  const now = submission(run).at
  await publish(engine, { ...bookOf(2, now + 3_600_000), users: users.slice(0, 1) })
  await expect(desk.open(IDC, `${run}:0`)).rejects.toThrow('DIRECT_NOT_ALLOWED')
})

test('nothing is begun by a book that counts no more, nor by a letter of the day before', async () => {
  const { engine, as, submission, pass } = await setUp()
  const wei = await as('wei')
  const run = randomUUID()
  pass(2 * 3_600_000)
  expect(codeOf(await wei('run', run, submission(run)))).toBe('DIRECT_BOOK_OLD')
  await publish(engine, bookOf(2, submission(run).at + 90 * 3_600_000))
  pass(26 * 3_600_000)
  expect(codeOf(await wei('run', run, submission(run)))).toBe('DIRECT_OLD')
  await engine.intent.remove(IDC, BOOK_KEY)
  expect(codeOf(await wei('run', run, submission(run)))).not.toBe('ok')
})

test('a run is ended by who began it and by an administrator, also for who takes a part of it later', async () => {
  const { engine, desk, as, submission, told } = await setUp()
  const [wei, ann, root] = await Promise.all(['wei', 'ann', 'root'].map(as))
  const run = randomUUID()
  if (!wei || !ann || !root) throw new Error('three of them')
  await wei('run', run, submission(run))
  const abort = (client: string) => ({ runId: run, client, at: 1 })
  expect(codeOf(await ann('abort', run, abort('ann')))).toBe('RUN_UNKNOWN')
  expect(codeOf(await ann('abort', run, abort('wei')))).toBe('RUN_UNKNOWN')
  expect(await engine.begun.get(IDC, abortKey(run))).toBeUndefined()
  await desk.open(IDC, `${run}:0`)
  expect(told).toEqual([])
  expect(codeOf(await root('abort', run, abort('root')))).toBe('ok')
  expect(told).toEqual([[run, { want: 'abort', reason: 'byPerson' }]])
  await desk.open(IDC, `${run}:0`)
  expect(told).toHaveLength(2)
})
