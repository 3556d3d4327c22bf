// One engine out of many accounts: what belongs to an IDC goes to the account of that IDC, and to no other.

import { Problem } from '@omserver/core'
import { realAfter } from '../after.ts'
import type { Board, Engine, Idc } from '../ports.ts'
import type { AccountReach, NatsOptions } from './nats-options.ts'
import type { StreamLog } from './stream-log.ts'

interface AccountEngine extends Engine {
  /** Makes an IDC known to those who watch this account. */
  announce(idc: Idc): Promise<void>
  readonly log: StreamLog
}

export type OpenAccount = (
  options: NatsOptions,
  announce?: (idc: Idc) => Promise<void>,
) => Promise<AccountEngine>

const HEALTH_WITHIN_MS = 2_000

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)

/** Rejects as `open` does for the account that is shared. Accounts of IDCs are connected when they are needed. */
export const connectAccounts = async (
  options: NatsOptions,
  reach: (idc: Idc) => Promise<AccountReach>,
  open: OpenAccount,
): Promise<Engine> => {
  const after = options.after ?? realAfter
  const shared = await open(options)
  const opened = new Map<Idc, Promise<AccountEngine>>()
  let ending: Promise<void> | undefined

  const openFor = async (idc: Idc): Promise<AccountEngine> => {
    const engine = await open({ ...options, ...(await reach(idc)) }, shared.announce)
    if (!ending) return engine
    await engine.close()
    throw new Problem('ENGINE_CLOSED')
  }

  const of = (idc: Idc): Promise<AccountEngine> => {
    const known = opened.get(idc)
    if (known) return known
    if (ending) return Promise.reject(new Problem('ENGINE_CLOSED'))
    const engine = openFor(idc)
    opened.set(idc, engine)
    // Its certificate, or its account on the server, may be there the next time.
    engine.catch(() => opened.delete(idc))
    return engine
  }

  const boardOf = (board: (engine: Engine) => Board): Board => ({
    put: async (idc, key, value) => board(await of(idc)).put(idc, key, value),
    putOnce: async (idc, key, value) => board(await of(idc)).putOnce(idc, key, value),
    get: async (idc, key) => board(await of(idc)).get(idc, key),
    remove: async (idc, key) => board(await of(idc)).remove(idc, key),
    all: async (idc) => board(await of(idc)).all(idc),
    watch: async (idc, on) => board(await of(idc)).watch(idc, on),
  })

  const health: Engine['health'] = async (idc) => {
    const late = Promise.withResolvers<never>()
    const endWait = after(HEALTH_WITHIN_MS, () =>
      late.reject(new Error(`no connection to the account of ${idc} yet`)),
    )
    try {
      return await (await Promise.race([of(idc), late.promise])).health(idc)
    } catch (error) {
      return { ok: false, detail: messageOf(error) }
    } finally {
      endWait()
    }
  }

  const close = async (): Promise<void> => {
    const engines = await Promise.allSettled(opened.values())
    await Promise.all(
      engines.map((engine) => (engine.status === 'fulfilled' ? engine.value.close() : undefined)),
    )
    await shared.close()
  }

  return {
    kind: 'nats',
    queue: {
      offer: async (idc, slices) => (await of(idc)).queue.offer(idc, slices),
      consume: async (idc, setting, on) => (await of(idc)).queue.consume(idc, setting, on),
      withdraw: async (idc, sliceIds) => (await of(idc)).queue.withdraw(idc, sliceIds),
      depth: async (idc) => (await of(idc)).queue.depth(idc),
    },
    log: {
      keptBy: shared.log.keptBy,
      append: async (idc, events) => (await of(idc)).log.append(idc, events),
      claim: async (idc, claim, previous) => (await of(idc)).log.claim(idc, claim, previous),
      history: async (idc, sliceId) => (await of(idc)).log.history(idc, sliceId),
      read: async (idc, from, on, onLost) => (await of(idc)).log.read(idc, from, on, onLost),
      info: async (idc) => (await of(idc)).log.info(idc),
      behind: async (idc, cursor) => (await of(idc)).log.behind(idc, cursor),
      epoch: async (idc) => (await of(idc)).log.epoch(idc),
      trim: async (idc, upTo) => (await of(idc)).log.trim(idc, upTo),
    },
    intent: boardOf((engine) => engine.intent),
    presence: boardOf((engine) => engine.presence),
    books: boardOf((engine) => engine.books),
    begun: boardOf((engine) => engine.begun),
    bus: {
      emit(idc, topic, data) {
        // A signal carries no fact: what cannot be sent is not.
        of(idc).then(
          (engine) => engine.bus.emit(idc, topic, data),
          () => undefined,
        )
      },
      on: async (idc, topic, listener) => (await of(idc)).bus.on(idc, topic, listener),
      call: async (idc, method, argument, setting) =>
        (await of(idc)).bus.call(idc, method, argument, setting),
      serve: async (idc, method, service, handler) =>
        (await of(idc)).bus.serve(idc, method, service, handler),
    },
    blobs: shared.blobs,
    ensure: async (idc) => (await of(idc)).ensure(idc),
    watchIdcs: shared.watchIdcs,
    health,
    close() {
      ending ??= close()
      return ending
    },
  }
}
