// One host in one attempt: from the first packet to exactly one end, whatever the driver does.

import type { Clock, HostEnd, HostKey, OutputStream, Slice, TargetHost } from '@omserver/core'
import type { After, RunIntent } from '@omserver/engine'
import {
  type CutShort,
  cutShortBy,
  endOfStarted,
  endOfUnstarted,
  hostTimeout,
} from './cut-short.ts'
import type { Driver, HostReport } from './driver.ts'
import type { FlushTicker } from './flush-ticker.ts'
import { carryOutAction, unsetVariable } from './leaf-steps.ts'
import type { OutputBudget } from './output-budget.ts'
import { createOutputPipe, type OutputPipe } from './output-pipe.ts'
import type { OutputRoom } from './output-room.ts'
import type { SliceWriter } from './slice-writer.ts'

/** A driver resolves within 2 s of its signal. One that does not is left behind. */
const DRIVER_GRACE_MS = 5_000
const MESSAGE_CHARACTERS = 500

export interface AttemptSetting {
  readonly slice: Slice
  readonly driver: Driver
  readonly writer: SliceWriter
  readonly clock: Clock
  readonly after: After
  readonly budget: OutputBudget
  readonly room: OutputRoom
  readonly ticker: FlushTicker
  readonly intent: () => RunIntent | undefined
  /** undefined, or when the claim is good again or lost: nothing is begun before. */
  readonly sure: () => Promise<void> | undefined
  readonly onOutput: (bytes: number) => void
  /** It was begun under an earlier claim, and goes on by itself on its host. */
  readonly resume: boolean
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)

const driverEnds: readonly HostEnd['state'][] = ['ok', 'failed', 'unreachable', 'lost', 'skipped']

export class HostAttempt {
  readonly #setting: AttemptSetting
  readonly #host: TargetHost
  readonly #stop = new AbortController()
  readonly #pipe: OutputPipe
  readonly #begun: number
  readonly #ended = Promise.withResolvers<boolean>()
  #cut: CutShort | undefined
  #starting: Promise<void> | undefined
  /** host.started is on its way to the log, or there. */
  #written = false
  #started: number | undefined
  /** When the last step ended. */
  #stepEnded: number | undefined
  #over = false
  /** How long it took, by the host's clock. */
  #tookMs: number | undefined
  #endTimeout: (() => void) | undefined
  #endGrace: (() => void) | undefined

  constructor(host: TargetHost, setting: AttemptSetting) {
    this.#host = host
    this.#setting = setting
    this.#begun = setting.clock.monotonic()
    const { slice, writer, budget, room, ticker } = setting
    this.#pipe = createOutputPipe({
      perHost: slice.caps.perHost,
      budget,
      room,
      ticker,
      send: (stream, offset, bytes) => {
        room.take(bytes.length)
        const give = (): void => room.give(bytes.length)
        writer.write({ kind: 'host.output', ...this.#key, stream, offset, bytes }).then(give, give)
      },
    })
  }

  get #key(): { readonly hostId: string; readonly attempt: number } {
    return { hostId: this.#host.hostId, attempt: this.#setting.slice.attempt }
  }

  get host(): TargetHost {
    return this.#host
  }

  /** Its driver may have sent something. Not before the start is durable; and then not, if it was cut short before. */
  get mayHaveBegun(): boolean {
    return this.#started !== undefined
  }

  /** Resolves to true when the end is durable, to false when there is none from us. Never rejects. */
  run(): Promise<boolean> {
    const { slice, driver } = this.#setting
    const host = this.#host
    const detached = slice.detached && driver.detaches
    if (this.#setting.resume) this.#resume()
    const unset = unsetVariable(slice.action, host.vars)
    if (unset !== undefined && !this.#setting.resume) {
      this.#end({ state: 'failed', reason: 'varUnset', message: unset })
      return this.#ended.promise
    }
    const { runId, connectTimeoutMs } = slice
    carryOutAction(
      driver,
      slice.action,
      {
        runId,
        host,
        connectTimeoutMs,
        ...(slice.check ? { check: true } : {}),
        ...(detached ? { detached: { attempt: slice.attempt, resume: this.#setting.resume } } : {}),
      },
      this.#report(),
      this.#stop.signal,
    ).then(
      (end) => this.#end(end),
      (error: unknown) =>
        this.#end({ state: 'failed', reason: 'driverError', message: messageOf(error) }),
    )
    return this.#ended.promise
  }

  /** Idempotent, at any moment; the first reason counts, except that silence is always kept. */
  cutShort(cut: CutShort): void {
    if (this.#over) return
    if (cut.kind === 'hold' && this.#written) return
    if (this.#cut && cut.kind !== 'silence') return
    const first = this.#cut === undefined
    this.#cut = cut
    if (!first) return
    this.#stop.abort(this.#stopReason(cut))
    this.#endGrace = this.#setting.after(DRIVER_GRACE_MS, () =>
      this.#end({
        state: 'failed',
        reason: 'driverError',
        message: 'the driver did not answer when it was told to stop',
      }),
    )
  }

  #report(): HostReport {
    const { writer } = this.#setting
    return {
      started: () => {
        if (!this.#starting) {
          this.#starting = this.#start()
          // A driver that does not wait for it must not bring the process down.
          this.#starting.catch(() => undefined)
        }
        return this.#starting
      },
      output: (stream: OutputStream, bytes: Uint8Array) => {
        if (this.#over || bytes.length === 0) return undefined
        this.#setting.onOutput(bytes.length)
        return this.#pipe.push(stream, bytes)
      },
      step: (step) => {
        if (this.#over) return
        const took = step.state === 'skipped' ? undefined : this.#stepTook()
        const durationMs = step.durationMs ?? took
        void writer.write({ kind: 'host.step', ...this.#key, ...step, durationMs })
      },
      file: async (piece) => {
        this.#refuseWhenCut()
        await writer.write({ kind: 'host.file', ...this.#key, ...piece })
      },
      progress: (line) => {
        if (!this.#over) this.#pipe.note(Buffer.from(`${line}\n`))
      },
      keySeen: (seen: {
        hop: number
        address: string
        port: number
        hostKey: HostKey
        changed: boolean
      }) => {
        if (!this.#over) void writer.write({ kind: 'host.keySeen', ...this.#key, ...seen })
      },
      missed: (bytes) => {
        if (!this.#over) this.#pipe.miss(bytes)
      },
      elapsed: (ms, over) => {
        if (this.#over) return
        if (over) this.#tookMs = ms
        this.#expireAfter(this.#setting.slice.hostTimeoutMs - ms)
      },
      stored: this.#ended.promise,
    }
  }

  #stepTook(): number | undefined {
    const since = this.#stepEnded ?? this.#started
    if (since === undefined) return undefined
    this.#stepEnded = this.#setting.clock.monotonic()
    return Math.round(this.#stepEnded - since)
  }

  async #start(): Promise<void> {
    const { writer, slice, clock } = this.#setting
    const doubt = this.#setting.sure()
    if (doubt) await doubt
    const intent = this.#setting.intent()
    if (intent) this.cutShort(cutShortBy(intent))
    this.#refuseWhenCut()
    this.#written = true
    await writer.write({ kind: 'host.started', ...this.#key })
    this.#refuseWhenCut()
    this.#started = clock.monotonic()
    this.#expireAfter(slice.hostTimeoutMs)
  }

  #resume(): void {
    const { clock, slice } = this.#setting
    this.#written = true
    this.#started = clock.monotonic()
    // Until the host says how much of it has passed.
    this.#expireAfter(slice.hostTimeoutMs)
  }

  #expireAfter(ms: number): void {
    this.#endTimeout?.()
    this.#endTimeout = this.#setting.after(Math.max(0, ms), () => this.cutShort(hostTimeout))
  }

  /** Leaving, or losing the claim, is no reason to end what somebody else will attach to. */
  #stopReason(cut: CutShort): 'abort' | 'timeout' | 'leave' {
    if (cut.kind === 'end' && cut.state === 'timedOut') return 'timeout'
    return this.#goesOn(cut) ? 'leave' : 'abort'
  }

  #goesOn(cut: CutShort): boolean {
    const leaves = cut.kind === 'leave' || cut.kind === 'silence'
    return leaves && this.#setting.slice.detached === true && this.#setting.driver.detaches === true
  }

  #refuseWhenCut(): void {
    if (this.#cut || this.#over) throw new Error('this host is not to be started')
  }

  #end(driverEnd: HostEnd): void {
    if (this.#over) return
    this.#over = true
    this.#endTimeout?.()
    this.#endGrace?.()
    const end = this.#conclude(driverEnd)
    if (!end) {
      this.#pipe.drop()
      this.#ended.resolve(false)
      return
    }
    const { writer, clock } = this.#setting
    const { outputBytes, truncated } = this.#pipe.end()
    const answer = this.#answerOf(end)
    writer
      .write({
        kind: 'host.ended',
        ...this.#key,
        end,
        durationMs: Math.round(this.#tookMs ?? clock.monotonic() - (this.#started ?? this.#begun)),
        ...(answer === undefined ? {} : { answer }),
        outputBytes,
        truncated,
      })
      .then(
        () => this.#ended.resolve(true),
        () => this.#ended.resolve(false),
      )
  }

  #answerOf(end: HostEnd): string | undefined {
    const answered = end.state === 'ok' || (end.state === 'failed' && this.#started !== undefined)
    if (!answered) return undefined
    const { name, access, encoding } = this.#host
    const { mask } = this.#setting.slice
    try {
      return this.#pipe.answer(end, { name, address: access.address, encoding, mask })
    } catch {
      // The text is the host's: whatever it does to the normaliser, the host's end is not lost by it.
      return undefined
    }
  }

  #conclude(driverEnd: HostEnd): HostEnd | undefined {
    if (this.#cut) {
      if (this.#started !== undefined && this.#goesOn(this.#cut)) return undefined
      return this.#started === undefined
        ? endOfUnstarted(this.#cut, this.#written)
        : endOfStarted(this.#cut, driverEnd)
    }
    if (!driverEnds.includes(driverEnd.state)) {
      const message = `the driver ended the host as ${driverEnd.state} though nobody asked for it`
      return { state: 'failed', reason: 'driverError', message }
    }
    const { message } = driverEnd
    return message === undefined || message.length <= MESSAGE_CHARACTERS
      ? driverEnd
      : { ...driverEnd, message: message.slice(0, MESSAGE_CHARACTERS) }
  }
}
