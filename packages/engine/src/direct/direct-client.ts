// A client of an IDC: begins a run there without the server, follows it in the log, has it ended.

import { randomBytes } from 'node:crypto'
import {
  type DirectAnswer,
  type DirectSubmission,
  type Json,
  Problem,
  parseSubmission,
} from '@omserver/core'
import { type ClientEngine, connectClientEngine } from '../nats/nats-engine.ts'
import type { NatsOptions } from '../nats/nats-options.ts'
import type { Idc, LogEntry, Stop } from '../ports.ts'
import { clientSealing } from '../sealing/client-sealing.ts'
import { openingKeyOf } from '../sealing/hpke.ts'
import { KEY_BYTES } from '../sealing/sealed-bytes.ts'
import type { Signing } from '../signing/signing.ts'
import {
  type Letter,
  type LetterKind,
  LetterTooLarge,
  openAnswer,
  openLetter,
  parseLetter,
  writeLetter,
} from './letter.ts'
import { DIRECT_ABORT, DIRECT_ASK, DIRECT_LETTER, DIRECT_RUN, type DirectReply } from './methods.ts'
import { BOOK_KEY, readBookHead } from './open-book.ts'
import { sealRunKey } from './seal-run-key.ts'

export interface DirectClientOptions {
  /** With what the client connects; its identity is its name. */
  readonly nats: NatsOptions & { readonly signing: Signing }
  readonly idc: Idc
  /** PKCS#8 PEM, X25519: a later process of the same client reads its runs with it. */
  readonly sealKey: string
  readonly now: () => number
}

export interface DirectClient {
  /** Name in its certificate. */
  readonly client: string
  readonly idc: Idc
  /** Throws Problem: DIRECT_NO_BOOK, BUS_NOBODY, and what the controller refuses with. */
  ask(
    runId: string,
    question: { readonly module: string; readonly selector: string },
    signal?: AbortSignal,
  ): Promise<DirectAnswer>
  /** Begins the run once, however often it has to say so. Throws as `ask`, and DIRECT_TOO_LARGE. */
  begin(submission: DirectSubmission, signal?: AbortSignal): Promise<void>
  /** A run of this client, begun by an earlier process perhaps. Throws Problem RUN_UNKNOWN. */
  find(runId: string, signal?: AbortSignal): Promise<DirectSubmission>
  /** Every controller that is there hears of it; those that come later read it. */
  abort(runId: string, signal?: AbortSignal): Promise<void>
  /** Of a run that was begun or found here. */
  follow(
    of: { readonly epoch: string; readonly sliceId: string },
    on: (entries: readonly LogEntry[]) => void | Promise<void>,
    onLost: () => void,
  ): Promise<{ readonly caughtUp: Promise<void>; readonly stop: Stop }>
  close(): Promise<void>
}

/** What one try of a call may take, and all of them together. */
const TRY_MS = 10_000
const PATIENCE_MS = 60_000
const PAUSE_MS = 500

export const openDirectClient = async (options: DirectClientOptions): Promise<DirectClient> => {
  const { idc, now } = options
  const { signing } = options.nats
  const client = options.nats.identity
  const own = openingKeyOf(options.sealKey)
  const runKeys = new Map<string, Uint8Array>()
  const engine: ClientEngine = await connectClientEngine({
    ...options.nats,
    sealing: clientSealing(runKeys),
  })

  /** The key of a run, sealed to whoever is to read of it: now, because controllers come and go. */
  const sealedKeys = async (runId: string, key: Uint8Array) => {
    const head = readBookHead(await engine.intent.get(idc, BOOK_KEY))
    if (!head) throw new Problem('DIRECT_NO_BOOK', { idc })
    const all = [...new Set([...head.recipients, own.publicKey])]
    return sealRunKey(all, key, { idc, run: runId })
  }

  const keyOf = (runId: string): Uint8Array => {
    const key = runKeys.get(runId) ?? new Uint8Array(randomBytes(KEY_BYTES))
    runKeys.set(runId, key)
    return key
  }

  const letterOf = async (kind: LetterKind, run: string, content: Json): Promise<Letter> => {
    const key = keyOf(run)
    try {
      const keys = await sealedKeys(run, key)
      return await writeLetter({ kind, idc, run }, content, { key, keys, signer: signing })
    } catch (error) {
      if (!(error instanceof LetterTooLarge)) throw error
      throw new Problem('DIRECT_TOO_LARGE', { bytes: error.bytes })
    }
  }

  /** Again after whatever may have been an accident of the way: each method may be called twice. */
  const persist = async (
    method: string,
    argument: Json,
    setting: { readonly signal?: AbortSignal; readonly to?: string },
  ): Promise<Json> => {
    const until = performance.now() + PATIENCE_MS
    for (;;) {
      try {
        return await engine.bus.call(idc, method, argument, { ...setting, timeoutMs: TRY_MS })
      } catch (error) {
        const mayPass = error instanceof Problem && accidents.has(error.code)
        if (!mayPass || setting.signal?.aborted || performance.now() > until) throw error
        if (error.code === 'BUS_NOBODY' && (await present()).length === 0) throw error
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }

  const present = async (): Promise<readonly string[]> =>
    [...(await engine.presence.all(idc)).keys()].flatMap((key) =>
      key.startsWith('controller:') ? [key.slice('controller:'.length)] : [],
    )

  const send = async (
    method: string,
    kind: LetterKind,
    letter: Letter,
    setting: { readonly signal?: AbortSignal; readonly to?: string },
  ): Promise<Json> => {
    const about = { kind, idc, run: letter.run }
    const sealed = await persist(method, letter as unknown as Json, setting)
    const reply = openAnswer(about, keyOf(letter.run), sealed) as unknown as DirectReply
    if (reply.ok) return reply.value
    throw new Problem(reply.code, reply.details)
  }

  return {
    client,
    idc,

    async ask(runId, { module, selector }, signal) {
      const question = { client, at: now(), module, selector }
      const letter = await letterOf('question', runId, question)
      return (await send(DIRECT_ASK, 'question', letter, { signal })) as unknown as DirectAnswer
    },

    async begin(submission, signal) {
      // One letter for every try: that is how controllers see that it is the same.
      const letter = await letterOf('run', submission.runId, submission as unknown as Json)
      await send(DIRECT_RUN, 'run', letter, { signal })
    },

    async find(runId, signal) {
      const found = await persist(DIRECT_LETTER, runId, { signal })
      if (found === null) throw new Problem('RUN_UNKNOWN', { run: runId })
      const letter = parseLetter(found)
      const by = { own, verifier: signing }
      const { key, content } = await openLetter(letter, { kind: 'run', idc }, by).catch(() => {
        throw new Problem('RUN_UNKNOWN', { run: runId })
      })
      runKeys.set(runId, key)
      return parseSubmission(content)
    },

    async abort(runId, signal) {
      const letter = await letterOf('abort', runId, { runId, client, at: now() })
      await send(DIRECT_ABORT, 'abort', letter, { signal })
      const others = (await present()).map((to) =>
        send(DIRECT_ABORT, 'abort', letter, { signal, to }).catch(() => undefined),
      )
      await Promise.all(others)
    },

    follow: ({ epoch, sliceId }, on, onLost) =>
      engine.log.followSlice({ idc, epoch, sliceId }, on, onLost),

    close: () => engine.close(),
  }
}

const accidents: ReadonlySet<string> = new Set([
  'BUS_NOBODY',
  'BUS_TIMEOUT',
  'BUS_FAILED',
  'BUS_GONE',
])
