// What the cases of the conformance suite are made of: a harness, one carried-out leaf, and proofs found on the host.

import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type {
  HostEnd,
  LeafAction,
  OutputStream,
  ProcessOptions,
  SecretRef,
  ShellAction,
  TargetHost,
} from '@omserver/core'
import type { Blobs } from '@omserver/engine'
import type { DetachedWork, Driver, FilePiece, HostReport } from '../../driver.ts'

/**
 * secrets: they reach the host unseen by others. live: output comes while it is written. whole: all of it comes, however
 * much. signals: the signal that ended a command is known. strays: what a command leaves behind does not hold up its end.
 * anyName: the host is found by something else than its name.
 */
export type Feature = 'secrets' | 'live' | 'whole' | 'signals' | 'strays' | 'anyName'

export const has = ({ without = [] }: DriverHarness, feature: Feature): boolean =>
  !without.includes(feature)

export interface DriverHarness {
  readonly driver: Driver
  /** A host that does what it is told. */
  readonly host: TargetHost
  /** A host that cannot be reached, where the driver knows such a thing. */
  readonly unreachable?: TargetHost
  /** A host that accepts a connection and never says a word. */
  readonly silent?: TargetHost
  /**
   * Commands really run, on this machine, and see its files; `folder` is empty at first. Absent: the host
   * understands `echo`, `sleep` and `exit`, no more.
   */
  readonly machine?: { readonly folder: string }
  /**
   * Commands keep their output on the host until it is fetched: of a long one the middle is missing, and what a signal
   * ended has the exit code that a shell gives it.
   */
  readonly spooled?: true
  /** Whether this machine has the spool of a detached command of `host`. */
  readonly spoolOf?: (attempt: number) => boolean
  /** What cannot be had of this driver, whatever the host. */
  readonly without?: readonly Feature[]
  /** What the driver takes content from, where it reads it while it is sent; then there is a `machine`, too. */
  readonly blobs?: Blobs
  /** Stores a secret and names it. */
  secret(value: string): SecretRef
}

export interface ConformanceCase {
  readonly name: string
  readonly needs?: 'machine' | 'blobs' | 'unreachable' | 'silent' | 'detaches'
  readonly uses?: Feature
  run(harness: DriverHarness): Promise<void>
}

export const canRun = (one: ConformanceCase, harness: DriverHarness): boolean =>
  (one.uses === undefined || has(harness, one.uses)) &&
  (one.needs === undefined ||
    (one.needs === 'detaches' ? harness.driver.detaches : harness[one.needs]) !== undefined)

/** For a driver that lacks these features on every host: what is left to be shown. */
export const without =
  (features: readonly Feature[]) =>
  ({ uses }: ConformanceCase): boolean =>
    uses === undefined || !features.includes(uses)

export const shell = (
  text: string,
  options: ProcessOptions & Pick<ShellAction, 'endsBy'> = {},
): ShellAction => ({ kind: 'shell', command: [text], ...options })

export interface Carried {
  readonly end: HostEnd
  readonly stdout: Buffer
  readonly stderr: Buffer
  /** `started`, `stdout`, `stderr`, `keySeen` in the order in which they were reported. */
  readonly calls: readonly string[]
  /** Of a fetch. */
  readonly pieces: readonly FilePiece[]
  readonly keys: readonly Parameters<HostReport['keySeen']>[0][]
}

export interface CarryOptions {
  readonly host?: TargetHost
  readonly signal?: AbortSignal
  readonly connectTimeoutMs?: number
  readonly started?: () => Promise<void>
  readonly output?: (stream: OutputStream, bytes: Uint8Array) => Promise<void> | undefined
  /** Count bytes only: what arrives is large. */
  readonly discard?: boolean
  readonly detached?: DetachedWork
  readonly check?: boolean
  /** What becomes of the end; true when absent. */
  readonly stored?: boolean
}

/** Carries one leaf out and keeps everything that was reported; a report after the end fails the case. */
export const carry = async (
  { driver, host }: DriverHarness,
  action: LeafAction,
  options: CarryOptions = {},
): Promise<Carried> => {
  const out: Record<OutputStream, Buffer[]> = { stdout: [], stderr: [] }
  const calls: string[] = []
  const keys: Parameters<HostReport['keySeen']>[0][] = []
  const pieces: FilePiece[] = []
  const stored = Promise.withResolvers<boolean>()
  let over = false
  const note = (what: string): void => {
    assert.ok(!over, `${what} was reported after the end`)
    calls.push(what)
  }
  const report: HostReport = {
    started: () => {
      note('started')
      return options.started?.() ?? Promise.resolve()
    },
    output: (stream, bytes) => {
      note(stream)
      if (!options.discard) out[stream].push(Buffer.from(bytes))
      return options.output?.(stream, bytes)
    },
    step: () => note('step'),
    file: async (piece) => {
      note('file')
      pieces.push(piece)
    },
    missed: () => note('missed'),
    elapsed: () => undefined,
    stored: stored.promise,
    keySeen: (seen) => {
      note('keySeen')
      keys.push(seen)
    },
  }
  const signal = options.signal ?? new AbortController().signal
  const end = await driver.carryOut(
    {
      runId: 'run-1',
      host: options.host ?? host,
      action,
      connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
      detached: options.detached,
      ...(options.check ? { check: true } : {}),
    },
    report,
    signal,
  )
  over = true
  stored.resolve(options.stored ?? true)
  return {
    end,
    stdout: Buffer.concat(out.stdout),
    stderr: Buffer.concat(out.stderr),
    calls,
    pieces,
    keys,
  }
}

export const folderOf = (harness: DriverHarness): string => {
  assert.ok(harness.machine)
  return mkdtempSync(join(harness.machine.folder, 'case-'))
}

/** Polls for what another process does; nothing tells us when it has. */
export const eventually = async (what: string, holds: () => boolean): Promise<void> => {
  const deadline = performance.now() + 8_000
  while (!holds()) {
    assert.ok(performance.now() < deadline, `never: ${what}`)
    await sleep(10)
  }
}

export const isAlive = (pid: number): boolean => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z'
  } catch {
    return false
  }
}

/** The pids that a command wrote into a file, one a line, once there are so many. */
export const pidsIn = async (file: string, count: number): Promise<readonly number[]> => {
  const read = (): number[] =>
    existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1).map(Number) : []
  await eventually(`${count} pids in ${file}`, () => read().length >= count)
  return read()
}

/** Runs `work` and asserts that it takes less than a driver may take after its signal. */
export const withinGrace = async <T>(work: Promise<T>): Promise<T> => {
  const from = performance.now()
  const result = await work
  const took = performance.now() - from
  assert.ok(took < 2_000, `took ${Math.round(took)} ms after the signal`)
  return result
}
