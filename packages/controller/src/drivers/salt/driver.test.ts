// The salt driver against a real master, real minions and salt-api: the conformance suite, and what only Salt has.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type DriverEndpoint,
  type HostEnd,
  type LeafAction,
  Problem,
  Secret,
  secretRef,
  type TargetHost,
} from '@omserver/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { processesWith, type Salt, startSalt } from '../../../../../e2e/support/salt.ts'
import { missingTools } from '../../../../../scripts/needs.ts'
import type { Driver } from '../../driver.ts'
import { carryTogether, type Heard } from '../conformance/carry-together.ts'
import { canRun, type DriverHarness, driverConformance } from '../conformance.ts'
import { saltDriver } from './driver.ts'

const missing = missingTools(['python3-venv'])
const folder = mkdtempSync(join(tmpdir(), 'om-salt-test-'))

const states = {
  web: `conf:
  file.managed:
    - name: ${folder}/web.conf
    - contents: port {{ pillar.get('port', 80) }}
slow:
  cmd.run:
    - name: sleep 1
    - require: [conf]
`,
  broken: `fine:
  test.succeed_without_changes
bad:
  cmd.run:
    - name: exit 3
`,
  unrendered: '{% if %}',
}

let salt: Salt
let driver: Driver
const secrets = new Map<string, string>()
const endpoints = new Map<string, DriverEndpoint>()

const hostOf = (name: string, endpointId = 'main'): TargetHost => ({
  hostId: name,
  name,
  endpointId,
  access: { address: '127.0.0.1', port: 22 },
  jumps: [],
  vars: { 'host.name': name },
})

const newDriver = (askMs = 10_000): Driver =>
  saltDriver({
    clock: { now: Date.now, monotonic: () => performance.now() },
    askMs,
    secrets: {
      open: async (ref) => {
        const value = secrets.get(ref)
        if (value === undefined) throw new Problem('SECRET_MISSING', { ref })
        return new Secret(value)
      },
      endpoint: async (id) => {
        const found = endpoints.get(id)
        if (!found) throw new Problem('ENDPOINT_UNKNOWN', { endpoint: id })
        return found
      },
    },
  })

const endpoint = (
  id: string,
  settings: Readonly<Record<string, string>> = {},
  password = salt.password,
): void => {
  const { url, ca, user, eauth } = salt
  const secret = { password: new Secret(password) }
  const own = { url, ca, user, eauth, ...settings }
  endpoints.set(id, { id, name: id, version: 1, kind: 'salt', settings: own, secrets: secret })
}

interface Ended extends Heard {
  readonly end: HostEnd
}

/** All of them in one go, as the hosts of a slice; by name. */
const together = async (
  action: LeafAction,
  names: readonly (string | TargetHost)[],
  options: Parameters<typeof carryTogether>[3] = {},
): Promise<ReadonlyMap<string, Ended>> => {
  const hosts = names.map((name) => (typeof name === 'string' ? hostOf(name) : name))
  const all = await carryTogether(driver, action, hosts, options)
  return new Map(
    all.flatMap(({ end, ...heard }, nth) => {
      const name = hosts[nth]?.name
      return end && name !== undefined ? [[name, { ...heard, end }] as const] : []
    }),
  )
}

const one = async (...[action, names, options]: Parameters<typeof together>): Promise<Ended> => {
  const [heard] = (await together(action, names, options)).values()
  if (!heard) throw new Error('no end')
  return heard
}

const call = (name: string, args: readonly (string | number)[] = []): LeafAction => ({
  kind: 'call',
  function: name,
  args,
})

describe.skipIf(missing.length > 0)('salt driver', () => {
  beforeAll(async () => {
    salt = await startSalt({
      minions: ['web-1', 'web-2', 'web-3'],
      waiting: ['new-1'],
      states,
      rights: ['test.echo', 'test.arg', 'no.*', 'service.status', 'test.exception', 'test.retcode'],
    })
    endpoint('main')
    driver = newDriver()
    // The next test finds all of them awake.
    await together(call('test.ping'), ['web-1', 'web-2', 'web-3'])
    await salt.stopMinion('web-3')
  }, 600_000)

  afterAll(async () => {
    await driver?.close()
    await salt?.stop()
    rmSync(folder, { recursive: true, force: true })
  }, 60_000)

  describe('conformance', () => {
    const harness: DriverHarness = {
      get driver() {
        return driver
      },
      host: hostOf('web-1'),
      unreachable: hostOf('new-1'),
      silent: hostOf('web-3'),
      machine: { folder },
      without: ['secrets', 'live', 'whole', 'anyName'],
      secret: (value) => {
        const ref = `run:run-1:${secrets.size}`
        secrets.set(ref, value)
        return secretRef(ref)
      },
    }
    const notDetached = driverConformance.filter(({ needs }) => needs !== 'detaches')
    for (const each of notDetached.filter((one) => canRun(one, harness))) {
      it(each.name, () => each.run(harness), 60_000)
    }
  })

  describe('states', () => {
    it('are told one by one, with what they changed', async () => {
      const begun = performance.now()
      let first: number | undefined
      const { end, steps, text } = await one({ kind: 'state', sls: ['web'] }, ['web-1'], {
        onStep: () => {
          first ??= performance.now() - begun
        },
      })
      expect(end).toEqual({ state: 'ok', changed: true })
      expect(steps.map(({ name, state, changed }) => [name, state, changed])).toEqual([
        [`conf: ${folder}/web.conf`, 'ok', true],
        ['slow: sleep 1', 'ok', true],
      ])
      expect(steps[1]?.durationMs).toBeGreaterThan(900)
      // The first was told while the second still ran.
      expect(performance.now() - begun - (first ?? 0)).toBeGreaterThan(900)
      expect(text).toContain('states: 2 · ok: 2 · failed: 0 · changed: 2')
      expect(readFileSync(join(folder, 'web.conf'), 'utf8')).toBe('port 80\n')
    }, 60_000)

    it('change nothing in check mode, and say what they would', async () => {
      const action: LeafAction = { kind: 'state', sls: ['web'], pillar: { port: 8080 } }
      const { end, steps } = await one(action, ['web-1'], { check: true })
      expect(end).toMatchObject({ state: 'ok', changed: true })
      expect(steps[0]?.diff).toContain('+port 8080')
      expect(readFileSync(join(folder, 'web.conf'), 'utf8')).toBe('port 80\n')
    }, 60_000)

    it('that fail, do not render or are not there end the host as failed, and say why', async () => {
      const bad = await one({ kind: 'state', sls: ['broken'] }, ['web-1'])
      expect(bad.end).toMatchObject({ state: 'failed', reason: 'exit' })
      expect(bad.end.message).toMatch(/^1 of 2 states failed: bad/)
      expect(bad.steps.map(({ state }) => state)).toEqual(['ok', 'failed'])
      const unrendered = await one({ kind: 'state', sls: ['unrendered'] }, ['web-1'])
      expect(unrendered.end).toMatchObject({ state: 'failed' })
      expect(unrendered.end.message).toMatch(/Rendering SLS/)
      const gone = await one({ kind: 'state', sls: ['nosuch'] }, ['web-1'])
      expect(gone.end.message).toMatch(/No matching sls found for 'nosuch'/)
    }, 60_000)
  })

  describe('calls', () => {
    it('show what every minion returned; a false answer is an answer', async () => {
      const all = await together(call('test.echo', ['a 中文']), ['web-1', 'web-2'])
      expect([...all.values()].map(({ end, text }) => [end.state, text])).toEqual([
        ['ok', '"a 中文"\n'],
        ['ok', '"a 中文"\n'],
      ])
      const off = await one(call('service.status', ['no-such-service']), ['web-1'])
      expect([off.end.state, off.text]).toEqual(['ok', 'false\n'])
    }, 60_000)

    it('that Salt says failed are failed', async () => {
      const unknown = await one(call('no.such'), ['web-1'])
      expect(unknown.end).toMatchObject({ state: 'failed', reason: 'exit' })
      expect(unknown.end.message).toMatch(/no function no.such/)
      const thrown = await one(call('test.exception', ['broken on purpose']), ['web-1'])
      expect(thrown.end.state).toBe('failed')
      const retcode = await one(call('test.retcode', [7]), ['web-1'])
      expect(retcode.end).toMatchObject({ state: 'failed', exit: 7 })
    }, 60_000)
  })

  it('keeps the ends of an output that is too long, and counts the rest', async () => {
    const megabytes = 3 * 1024 * 1024
    const { end, text, missed } = await one(
      { kind: 'shell', command: [`head -c ${megabytes} /dev/zero | tr '\\0' x; echo; echo end`] },
      ['web-1'],
    )
    expect(end.state).toBe('ok')
    expect(text.length + missed).toBe(megabytes + 5)
    expect(text.length).toBe(384 * 1024)
    expect(text.endsWith('x\nend\n')).toBe(true)
  }, 60_000)

  it('refuses secrets, and what salt-api would not take, before anything is sent', async () => {
    secrets.set('run:run-1:token', 'hidden')
    const env = { TOKEN: secretRef('run:run-1:token') }
    const secret = await one({ kind: 'shell', command: ['true'], env }, ['web-1'])
    expect(secret.end).toMatchObject({ state: 'failed', reason: 'driverError' })
    expect(secret.end.message).toMatch(/secret cannot go by Salt/)
    const random = Array.from({ length: 400_000 }, (_, n) =>
      (Math.imul(n, 2654435761) >>> 0).toString(36),
    )
    const dest = join(folder, 'large')
    const large = await one({ kind: 'copy', source: { text: random.join('') }, dest }, ['web-1'])
    expect(large.end.message).toMatch(/by Salt at most 700 kB/)
    expect(existsSync(dest)).toBe(false)
  }, 60_000)

  it('ends each host in its own state when some are not there', async () => {
    const names = ['web-1', 'web-2', 'web-3', 'new-1', 'nobody']
    const all = await together(call('test.ping'), names)
    const ends = names.map((name) => [all.get(name)?.end.state, all.get(name)?.end.reason])
    expect(ends).toEqual([
      ['ok', undefined],
      ['ok', undefined],
      ['unreachable', 'connectTimeout'],
      ['unreachable', 'minionUnknown'],
      ['unreachable', 'minionUnknown'],
    ])
    const none = await one(call('test.ping'), ['nobody'])
    expect(none.end).toMatchObject({ state: 'unreachable', reason: 'minionUnknown' })
  }, 60_000)

  describe('an endpoint that is wrong', () => {
    const tried = async (id: string): Promise<HostEnd> =>
      (await one(call('test.ping'), [hostOf('web-1', id)])).end

    it('ends its hosts unreachable, in words that say what to do', async () => {
      endpoint('password', {}, 'wrong')
      expect(await tried('password')).toMatchObject({ reason: 'endpointFailed' })
      expect((await tried('password')).message).toMatch(/refused the login of "om"/)
      endpoint('down', { url: 'https://127.0.0.1:1' })
      expect((await tried('down')).message).toMatch(/refused the connection/)
      const { ca: _, ...rest } = salt
      endpoints.set('system', {
        id: 'system',
        name: 'system',
        version: 1,
        kind: 'salt',
        settings: { url: rest.url, user: rest.user, eauth: rest.eauth },
        secrets: { password: new Secret(rest.password) },
      })
      expect((await tried('system')).message).toMatch(/not signed by the CA of the endpoint/)
      endpoint('name', { url: salt.url.replace('127.0.0.1', 'localhost') })
      expect((await tried('name')).message).toMatch(/another name than the one in the url/)
      expect((await tried('gone')).message).toMatch(/does not exist any more/)
    }, 60_000)

    it('is found with what it lacks: a function that its account may not call', async () => {
      const { end } = await one(call('disk.usage'), ['web-1'])
      expect(end).toMatchObject({ state: 'failed', reason: 'driverError' })
      expect(end.message).toMatch(/"om" may not call disk.usage/)
    }, 60_000)

    it('is told by health, and so are minions that are down', async () => {
      const { ok, version, problems } = await driver.health()
      expect(ok).toBe(false)
      expect(version).toMatch(/main: Salt 3007\.\d+, 2 of 3 minions up/)
      expect(problems.join('\n')).toMatch(/main: minions that do not answer: web-3/)
      expect(problems.join('\n')).toMatch(/password: .*refused the login/)
    }, 60_000)
  })

  describe('an abort leaves no process', () => {
    const mark = `sleep 6${String(process.pid).padStart(7, '0')}`
    const left = (): number => processesWith(mark.replace(' ', '\0')).length

    it.each([
      ['on many hosts at once', `${mark}; true`, ['web-1', 'web-2']],
      ['that Salt does not find in the tree of the job', `(setsid ${mark} &); ${mark}`, ['web-1']],
    ])(
      '%s',
      async (_, command, names) => {
        const stop = new AbortController()
        const action: LeafAction = { kind: 'shell', command: [command] }
        const running = together(action, names, { signal: stop.signal })
        await expect.poll(left, { timeout: 20_000 }).toBe(2)
        stop.abort('abort')
        const ends = [...(await running).values()].map(({ end }) => end.leftRunning)
        expect(ends).toEqual(names.map(() => 'no'))
        expect(left()).toBe(0)
      },
      60_000,
    )
  })

  it('a token that has expired is renewed', async () => {
    const fresh = newDriver()
    const before = driver
    driver = fresh
    try {
      expect((await one(call('test.ping'), ['web-1'])).end.state).toBe('ok')
      const tokens = join(salt.folder, 'm', 'var', 'cache', 'salt', 'master', 'tokens')
      for (const token of readdirSync(tokens)) rmSync(join(tokens, token), { recursive: true })
      expect((await one(call('test.ping'), ['web-1'])).end.state).toBe('ok')
    } finally {
      driver = before
      await fresh.close()
    }
  }, 60_000)

  it('a minion that dies in mid-run is lost, and not waited for', async () => {
    const mark = join(folder, 'begun')
    const running = one({ kind: 'shell', command: [`echo >${mark}; sleep 600`] }, ['web-2'])
    await expect.poll(() => existsSync(mark), { timeout: 20_000 }).toBe(true)
    await salt.stopMinion('web-2')
    expect((await running).end).toMatchObject({ state: 'lost', leftRunning: 'unknown' })
    await salt.startMinion('web-2')
  }, 120_000)

  /** While a command waits on web-1, something is done to Salt; then the command goes on. */
  const meanwhile = async (name: string, act: (goOn: () => void) => Promise<void>) => {
    const [mark, go] = [join(folder, `${name}-begun`), join(folder, `${name}-go`)]
    const text = `echo >${mark}; until [ -e ${go} ]; do sleep 0.2; done; echo through`
    const running = one({ kind: 'shell', command: [text] }, ['web-1'])
    await expect.poll(() => existsSync(mark), { timeout: 20_000 }).toBe(true)
    await act(() => writeFileSync(go, ''))
    return running
  }

  it('a return that nobody heard, for salt-api was away, is read from the job cache', async () => {
    const { end, text } = await meanwhile('api', async (goOn) => {
      await salt.stopApi()
      goOn()
      await new Promise((resolve) => setTimeout(resolve, 3_000))
      await salt.startApi()
    })
    expect([end.state, text]).toEqual(['ok', 'through\n'])
  }, 120_000)

  it('a job outlives a restart of the master', async () => {
    const { end, text } = await meanwhile('master', async (goOn) => {
      await salt.stopMaster()
      await salt.startMaster()
      // The minion has to find it again: what it returns just then is lost, by whatever client.
      const other = newDriver()
      const before = driver
      driver = other
      const isBack = async () => (await one(call('test.ping'), ['web-1'])).end.state
      await expect.poll(isBack, { timeout: 60_000 }).toBe('ok')
      driver = before
      await other.close()
      goOn()
    })
    expect([end.state, text]).toEqual(['ok', 'through\n'])
  }, 180_000)
})
