// One of several servers on a database: drives when nobody else does, and hands on to the one that drives otherwise.

import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Problem } from '@omserver/core'
import { type Logger, pino } from 'pino'
import { inDataFolder, lockFolders, type ServerPlace, StandbyConnection } from '../db/index.ts'
import { DEFAULT_PORT, portTrouble } from '../listening.ts'
import { claimFolder } from '../make-folder.ts'
import { uuidGenerator } from '../new-id.ts'
import type { ServerOptions } from '../server-options.ts'
import { systemClock } from '../system-clock.ts'
import { openTls, requireTls, type TlsFiles } from '../tls.ts'
import type { FirstAdmin } from '../users/index.ts'
import { type Drive, type DriveParts, drive, type OpenEngine } from './drive.ts'
import { type Driving, parseDriving } from './driving.ts'
import { createForwarder, type Forwarder } from './forward.ts'
import { createFront, type Front } from './front.ts'
import { sameKey } from './key-check.ts'
import { type OwnPages, ownPages } from './own-pages.ts'
import { peerProver } from './peer-proof.ts'

export interface ReplicaOptions extends Omit<ServerOptions, 'engine' | 'databaseUrl'> {
  readonly place: ServerPlace
  /** Opened for each time at the wheel, and closed after it. */
  readonly openEngine: OpenEngine
  /** HOST:PORT that the others reach this one at; where it listens, when absent. */
  readonly peerAddress?: string
  /** Told at every change; `firstAdmin` as of `Server`. */
  readonly onChange?: (now: ReplicaState) => void
}

export type ReplicaState =
  | { readonly kind: 'drives'; readonly firstAdmin: FirstAdmin | undefined }
  /** `driver`: name of the one that does. */
  | { readonly kind: 'standsBy'; readonly driver: string | undefined }

export interface Replica {
  readonly state: ReplicaState
  readonly fingerprint: string | undefined
  /** Resolves with the address. Throws Problem('PORT_TAKEN', {host, port}). */
  listen(): Promise<string>
  close(): Promise<void>
}

/** How often one that stands by looks. */
const LOOK_MS = 1_000
/** A lock that is free is left for a moment to the one that had it: its database was restarted, say. */
const COURTESY_LOOKS = 3
/** A first server may need a while to make the tables. */
const FIRST_WORD_MS = 30_000
/** One that could not begin to drive lets others try. */
const FAILED_PAUSE_MS = 5_000
/** What was left behind cannot write: it is not waited for longer. */
const END_MS = 10_000

/**
 * Drives at once where nobody does.
 * Throws Problem as `createServer` does; KEY_FILE_OTHER; DB_IN_USE: what uses the database says nothing of itself.
 */
export const createReplica = async (options: ReplicaOptions): Promise<Replica> => {
  const host = options.host ?? '127.0.0.1'
  requireTls({ host, tls: options.tls !== undefined, allowHttp: options.allowHttp === true })
  const { dataDir } = options
  const now = () => (options.clock ?? systemClock).now()
  const { tls, unlock } = await inDataFolder(dataDir, async () => {
    claimFolder(dataDir)
    return {
      tls: options.tls && (await openTls(options.tls, { dataDir, host, now })),
      unlock: lockFolders([dataDir]),
    }
  })
  const replica = new OneOfSeveral({ ...options, host }, tls, unlock)
  try {
    await replica.start()
    return replica
  } catch (error) {
    await replica.close()
    throw error
  }
}

class OneOfSeveral implements Replica {
  readonly fingerprint: string | undefined
  readonly #options: ReplicaOptions & { readonly host: string }
  readonly #parts: DriveParts
  readonly #log: Logger
  readonly #unlock: () => void
  readonly #connection: StandbyConnection
  readonly #front: Front
  readonly #closing = new AbortController()
  #pages: OwnPages | undefined
  #forwarder: Forwarder | undefined
  #drive: Drive | undefined
  #driver: Driving | undefined
  #address: string | undefined
  #life: Promise<void> = Promise.resolve()
  #freeLooks = 0
  #lastTrouble = ''

  constructor(
    options: ReplicaOptions & { readonly host: string },
    tls: TlsFiles | undefined,
    unlock: () => void,
  ) {
    const log = options.log ?? pino({ level: 'warn' })
    const clock = options.clock ?? systemClock
    const { place, openEngine, ...rest } = options
    this.#options = options
    this.#unlock = unlock
    this.#log = log
    this.fingerprint = tls?.fingerprint
    this.#connection = new StandbyConnection(place)
    const newId = options.newId ?? uuidGenerator(() => clock.now())
    this.#parts = {
      options: rest,
      openEngine,
      place,
      tls,
      name: hostname(),
      clock,
      log,
      newId,
    }
    this.#front = createFront(tls, log)
  }

  get state(): ReplicaState {
    return this.#drive
      ? { kind: 'drives', firstAdmin: this.#drive.firstAdmin }
      : { kind: 'standsBy', driver: this.#driver?.name }
  }

  async start(): Promise<void> {
    const { webDir } = this.#options
    this.#pages = await ownPages(this.#parts, webDir, this.#parts.tls)
    const held = await this.#connection.take()
    if (held) {
      await this.#begin(held)
      return
    }
    const deadline = performance.now() + FIRST_WORD_MS
    for (;;) {
      const check = await this.#connection.setting('keyCheck')
      if (check !== undefined) {
        this.#knowKey(sameKey(this.#keyFile, check))
        this.#hear(parseDriving(await this.#connection.setting('driving')))
        return
      }
      if (performance.now() > deadline) {
        throw new Problem('DB_IN_USE', { database: this.#connection.name })
      }
      await this.#pause(LOOK_MS)
    }
  }

  async listen(): Promise<string> {
    const { host, port = DEFAULT_PORT, peerAddress } = this.#options
    let bound: number
    try {
      bound = await this.#front.listen({ host, port })
    } catch (error) {
      throw portTrouble(error, { host, port })
    }
    const isAny = host === '0.0.0.0' || host === '::'
    this.#address = peerAddress ?? `${bracketed(isAny ? hostname() : host)}:${bound}`
    await this.#announce()
    this.#life = this.#live()
    return `${this.#parts.tls ? 'https' : 'http'}://${bracketed(isAny ? '127.0.0.1' : host)}:${bound}`
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#life
    const drive = this.#drive
    this.#drive = undefined
    this.#forwarder?.close()
    if (this.#forwarder) this.#front.use(this.#forwarder.answer)
    await drive?.end('given')
    await this.#front.close()
    await this.#connection.close()
    await this.#pages?.close()
    this.#unlock()
  }

  get #keyFile(): string {
    return join(this.#options.dataDir, 'secret.key')
  }

  /** Whoever is known to have the key may hand on. */
  #knowKey(masterKey: Uint8Array): Forwarder {
    const { name, newId, log } = this.#parts
    if (!this.#forwarder) {
      const prove = peerProver(masterKey, name)
      this.#forwarder = createForwarder({ prove, newId, log, pages: this.#pages })
      this.#front.use(this.#forwarder.answer)
    }
    return this.#forwarder
  }

  async #live(): Promise<void> {
    const { signal } = this.#closing
    const closing = new Promise<undefined>((resolve) => {
      signal.addEventListener('abort', () => resolve(undefined), { once: true })
    })
    while (!signal.aborted) {
      const drive = this.#drive
      if (!drive) {
        await this.#look()
        await this.#pause(LOOK_MS)
        continue
      }
      const reason = await Promise.race([drive.over, closing])
      if (reason) await this.#stepDown(drive, reason)
    }
  }

  /** Whether it is our turn, and else who drives. */
  async #look(): Promise<void> {
    try {
      const isFree = await this.#connection.isFree()
      const driver = parseDriving(await this.#connection.setting('driving'))
      this.#freeLooks = isFree ? this.#freeLooks + 1 : 0
      this.#lastTrouble = ''
      // One that went of its own accord has taken its word back.
      if (isFree && (driver === undefined || this.#freeLooks > COURTESY_LOOKS)) {
        const held = await this.#connection.take()
        if (held) return await this.#takeTurn(held)
      }
      this.#hear(driver)
    } catch (error) {
      // The one that drives may have its own way to the database: it is believed until another is heard of.
      this.#trouble(error, 'a server that stands by cannot look into the database')
    }
  }

  async #takeTurn(held: Parameters<typeof drive>[0]): Promise<void> {
    this.#freeLooks = 0
    try {
      await this.#begin(held)
      await this.#announce()
    } catch (error) {
      this.#trouble(error, 'a server could not begin to drive')
      await this.#pause(FAILED_PAUSE_MS)
    }
  }

  async #begin(held: Parameters<typeof drive>[0]): Promise<void> {
    const begun = await drive(held, this.#parts)
    this.#knowKey(begun.key).driver(undefined)
    this.#drive = begun
    this.#driver = undefined
    this.#front.use(begun.answer)
    this.#changed()
    this.#log.info({ drive: begun.id }, 'this server drives')
  }

  async #announce(): Promise<void> {
    const address = this.#address
    if (address === undefined) return
    await this.#drive?.announce({ address, fingerprint: this.fingerprint })
  }

  async #stepDown(drive: Drive, reason: Problem): Promise<void> {
    this.#log.warn({ drive: drive.id, reason: reason.code }, 'this server does not drive any more')
    if (this.#forwarder) this.#front.use(this.#forwarder.answer)
    this.#drive = undefined
    this.#changed()
    const late = delay(END_MS, 'late' as const, { ref: false })
    const ended = drive.end('taken').catch((error: unknown) => {
      this.#log.error({ err: error }, 'what a server had in memory did not end as it should')
    })
    if ((await Promise.race([ended, late])) === 'late') {
      this.#log.error('what a server had in memory did not end in time')
    }
  }

  #hear(driver: Driving | undefined): void {
    const isNews = driver?.id !== this.#driver?.id
    this.#driver = driver
    this.#forwarder?.driver(driver)
    if (isNews) this.#changed()
  }

  #changed(): void {
    if (this.#address !== undefined) this.#options.onChange?.(this.state)
  }

  /** Once, not at every look. */
  #trouble(error: unknown, what: string): void {
    const said = error instanceof Error ? error.message : String(error)
    if (said !== this.#lastTrouble) this.#log.error({ err: error }, what)
    this.#lastTrouble = said
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#closing.signal }).catch(() => undefined)
  }
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host)
