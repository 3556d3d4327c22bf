// The local driver: the suite of every driver with real processes, and what is its own.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { hostname, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { type HostEnd, type LeafAction, Problem, Secret, type TargetHost } from '@omserver/core'
import { embeddedEngine } from '@omserver/engine'
import { describe, expect, onTestFinished, test } from 'vitest'
import { spoolKey } from '../../detached/spool.ts'
import { canRun, type DriverHarness, driverConformance } from '../conformance.ts'
import { localDriver } from './driver.ts'

const host: TargetHost = {
  hostId: 'h1',
  name: 'localhost',
  access: { address: '127.0.0.1', port: 22 },
  jumps: [],
  vars: { 'host.name': 'localhost' },
}

const openHarness = (): DriverHarness => {
  const folder = mkdtempSync(join(tmpdir(), 'om-local-'))
  const secrets = new Map<string, Secret>()
  const { blobs } = embeddedEngine()
  const driver = localDriver({
    blobs,
    secrets: {
      async open(ref) {
        const secret = secrets.get(ref)
        if (!secret) throw new Problem('SECRET_MISSING', { ref })
        return secret
      },
    },
    spools: folder,
  })
  onTestFinished(async () => {
    await driver.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    driver,
    host,
    machine: { folder },
    blobs,
    spoolOf: (attempt) =>
      existsSync(
        join(folder, `omserver-${userInfo().uid}`, spoolKey('run-1', host.hostId, attempt)),
      ),
    secret(value) {
      const ref = `run:1:${secrets.size}`
      secrets.set(ref, new Secret(value))
      return { kind: 'secret', ref }
    },
  }
}

describe('local driver conformance', () => {
  const sample = { driver: localDriver({ secrets: { open: async () => new Secret('') } }), host }
  const cases = driverConformance.filter((one) =>
    canRun(one, {
      ...sample,
      machine: { folder: '' },
      blobs: embeddedEngine().blobs,
      secret: (ref) => ({ kind: 'secret', ref }),
    }),
  )
  test.each(cases)('$name', async ({ run }) => run(openHarness()))
})

const carry = async (
  { driver }: DriverHarness,
  action: LeafAction,
  signal = new AbortController().signal,
): Promise<{ readonly end: HostEnd; readonly said: string; readonly bytes: number }> => {
  let said = ''
  let bytes = 0
  const end = await driver.carryOut(
    { runId: 'r', host, action, connectTimeoutMs: 1000 },
    {
      started: async () => undefined,
      output: (_stream, chunk) => {
        bytes += chunk.length
        if (said.length < 10_000) said += Buffer.from(chunk).toString()
        return undefined
      },
      step: () => undefined,
      keySeen: () => undefined,
      missed: () => undefined,
      elapsed: () => undefined,
      stored: Promise.resolve(true),
    },
    signal,
  )
  return { end, said, bytes }
}

test('a command sees what a login would, and nothing of our own environment', async () => {
  const harness = openHarness()
  process.env.OM_ADMIN_PASSWORD = 'not for commands'
  onTestFinished(() => {
    delete process.env.OM_ADMIN_PASSWORD
  })
  const { said } = await carry(harness, { kind: 'shell', command: ['env; hostname; pwd'] })
  expect(said).not.toContain('not for commands')
  expect(said).toContain(`USER=${userInfo().username}`)
  expect(said).toContain(`${hostname()}\n${userInfo().homedir}\n`)
})

test('a gigabyte is drained in constant memory', async () => {
  const harness = openHarness()
  const before = process.memoryUsage.rss()
  const command = ['head -c 1000000000 /dev/zero']
  const { end, bytes } = await carry(harness, { kind: 'shell', command })
  expect(end).toEqual({ state: 'ok', exit: 0 })
  expect(bytes).toBe(1_000_000_000)
  expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 1024 * 1024)
})

test('closing the driver leaves no process behind', async () => {
  const harness = openHarness()
  const file = join(harness.machine?.folder ?? '', 'pid')
  const begun = Promise.withResolvers<void>()
  const carried = harness.driver.carryOut(
    {
      runId: 'r',
      host,
      action: { kind: 'shell', command: [`echo $$ >${file}; echo begun; exec sleep 600`] },
      connectTimeoutMs: 1000,
    },
    {
      started: async () => undefined,
      output: () => begun.resolve() as undefined,
      step: () => undefined,
      keySeen: () => undefined,
      missed: () => undefined,
      elapsed: () => undefined,
      stored: Promise.resolve(true),
    },
    new AbortController().signal,
  )
  await begun.promise
  const pid = Number(readFileSync(file, 'utf8'))
  await harness.driver.close()
  expect((await carried).state).toBe('failed')
  const status = (): string => {
    try {
      return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] ?? ''
    } catch {
      return 'gone'
    }
  }
  await expect.poll(status).toMatch(/gone|Z/)
})

// sudo and su are there, and ask root for nothing: passwords are tested with the ssh driver, which logs in as others.
describe.runIf(userInfo().uid === 0)('as another account', () => {
  const action = (method: 'sudo' | 'su', user: string, text: string): LeafAction => ({
    kind: 'shell',
    command: [text],
    runAs: { method, user },
  })

  test.each(['sudo', 'su'] as const)('by %s, with its own input and exit code', async (method) => {
    const harness = openHarness()
    const one = action(method, 'nobody', 'id -un; cat; exit 4')
    const { end, said } = await carry(harness, { ...one, stdin: 'input\n' } as LeafAction)
    expect(said).toBe('nobody\ninput\n')
    expect(end).toMatchObject({ state: 'failed', reason: 'exit', exit: 4 })
  })

  test.each(['sudo', 'su'] as const)(
    'by %s to an account that is not there, it is refused',
    async (method) => {
      const { end } = await carry(openHarness(), action(method, 'nobody-at-all', 'echo hello'))
      expect(end).toMatchObject({ state: 'failed', reason: 'runAsRefused' })
      expect(end.message).not.toBe('')
    },
  )

  test.each(['sudo', 'su'] as const)('by %s, an abort ends it too', async (method) => {
    const harness = openHarness()
    const stop = new AbortController()
    const begun = Promise.withResolvers<number>()
    const carried = harness.driver.carryOut(
      {
        runId: 'r',
        host,
        action: action(method, 'nobody', 'echo $$; sleep 600; :'),
        connectTimeoutMs: 1000,
      },
      {
        started: async () => undefined,
        output: (_stream, bytes) =>
          begun.resolve(Number(Buffer.from(bytes).toString())) as undefined,
        step: () => undefined,
        keySeen: () => undefined,
        missed: () => undefined,
        elapsed: () => undefined,
        stored: Promise.resolve(true),
      },
      stop.signal,
    )
    const pid = await begun.promise
    stop.abort('abort')
    const end = await carried
    expect(end.leftRunning).toBe('no')
    expect(() => process.kill(pid, 0)).toThrow()
  })
})
