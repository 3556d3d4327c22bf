// Host keys, pinned at first use. A key belongs to a place (address and port): two names of one machine share it.

import type { HostKey } from '@omserver/core'
import type { Db } from '../db/index.ts'
import type { Fleet, FleetChange } from './fleet.ts'
import { putKeys, readKeys, removeKeys, type StoredKey } from './key-table.ts'
import { readRevs, writeRev } from './table.ts'

export interface Place {
  readonly address: string
  readonly port: number
}

/** `changed`: another key than the pinned one, seen for the first time; `known`: nothing new. */
export type Seen = 'pinned' | 'known' | 'changed'

export interface Keys {
  readonly rev: number
  at(place: Place): StoredKey | undefined
}

/** Public keys are below 1 KiB (RSA 8192 as base64 is 1.4); a host may send anything. */
const MAX_KEY = 4096

interface Sighting {
  readonly place: Place
  readonly hostKey: HostKey
  readonly at: number
  readonly done: (seen: Seen) => void
  readonly failed: (error: unknown) => void
}

const placeKey = ({ address, port }: Place): string => `${address} ${port}`

export class PinnedKeys {
  readonly #db: Db
  #rev = -1
  #byPlace = new Map<string, StoredKey>()
  #waiting: Sighting[] = []
  #flushing: Promise<void> | undefined

  constructor(db: Db) {
    this.#db = db
  }

  async current(): Promise<Keys> {
    await this.#refresh(this.#db)
    return { rev: this.#rev, at: (place) => this.#byPlace.get(placeKey(place)) }
  }

  /** A first run over a large fleet sees thousands of keys at once: what waits is written in one transaction. */
  seen(place: Place, hostKey: HostKey, at: number): Promise<Seen> {
    return new Promise((done, failed) => {
      this.#waiting.push({ place, hostKey, at, done, failed })
      this.#flushing ??= this.#flushAll().finally(() => {
        this.#flushing = undefined
      })
    })
  }

  /** Replaces what is stored of one place; undefined from `decide` changes nothing. */
  async change(
    place: Place,
    decide: (key: StoredKey | undefined) => StoredKey | undefined,
  ): Promise<void> {
    await this.#write((byPlace) => {
      const next = decide(byPlace.get(placeKey(place)))
      return next ? [next] : []
    })
  }

  /** For the transaction that removes hosts: call `forgotten` once it has been committed. */
  async forget(trx: Db, places: readonly Place[]): Promise<void> {
    if (places.length === 0) return
    await removeKeys(trx, places)
    await writeRev(trx, 'keys', (await readRevs(trx)).keys + 1)
  }

  forgotten(places: readonly Place[]): void {
    // Read again when next asked.
    if (places.length > 0) this.#rev = -1
  }

  /** Resolves when every key that was seen has been stored. */
  async settled(): Promise<void> {
    await this.#flushing
  }

  async #flushAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting
      this.#waiting = []
      const outcomes: Seen[] = []
      try {
        await this.#write((byPlace) => {
          const next = new Map<string, StoredKey>()
          outcomes.length = 0
          for (const sighting of batch) {
            const key = placeKey(sighting.place)
            const { seen, put } = look(next.get(key) ?? byPlace.get(key), sighting)
            outcomes.push(seen)
            if (put) next.set(key, put)
          }
          return [...next.values()]
        })
        for (const [n, sighting] of batch.entries()) sighting.done(outcomes[n] ?? 'known')
      } catch (error) {
        for (const sighting of batch) sighting.failed(error)
      }
    }
  }

  async #write(decide: (byPlace: ReadonlyMap<string, StoredKey>) => StoredKey[]): Promise<void> {
    const written = await this.#db.transaction().execute(async (trx) => {
      await this.#refresh(trx)
      const rows = decide(this.#byPlace)
      const rev = this.#rev + 1
      if (rows.length === 0) return undefined
      await putKeys(trx, rows)
      await writeRev(trx, 'keys', rev)
      return { rows, rev }
    })
    // Else somebody has read what is stored since, and the rows are among it.
    if (!written || this.#rev !== written.rev - 1) return
    for (const row of written.rows) this.#byPlace.set(placeKey(row), row)
    this.#rev = written.rev
  }

  async #refresh(db: Db): Promise<void> {
    const { keys: rev } = await readRevs(db)
    if (rev === this.#rev) return
    this.#byPlace = new Map((await readKeys(db)).map((row) => [placeKey(row), row]))
    this.#rev = rev
  }
}

const look = (
  known: StoredKey | undefined,
  { place, hostKey, at }: Sighting,
): { readonly seen: Seen; readonly put?: StoredKey } => {
  if (hostKey.key.length > MAX_KEY || hostKey.type.length > 64) return { seen: 'known' }
  if (!known)
    return {
      seen: 'pinned',
      put: {
        address: place.address,
        port: place.port,
        type: hostKey.type,
        key: hostKey.key,
        pinned_at: at,
        changed_type: null,
        changed_key: null,
        changed_at: null,
      },
    }
  if (known.key === hostKey.key || known.changed_key === hostKey.key) return { seen: 'known' }
  return {
    seen: 'changed',
    put: { ...known, changed_type: hostKey.type, changed_key: hostKey.key, changed_at: at },
  }
}

/** Places that lose their last host: whoever comes there next is a stranger. */
export const placesLeft = (before: Fleet, after: Fleet, change: FleetChange): Place[] => {
  const ids = [...(change.remove ?? []), ...(change.put ?? []).map((host) => host.id)]
  const left = new Map<string, Place>()
  for (const id of ids) {
    const old = before.byId.get(id)
    const now = after.byId.get(id)
    if (old && (!now || placeKey(old) !== placeKey(now)))
      left.set(placeKey(old), { address: old.address, port: old.port })
  }
  if (left.size === 0) return []
  for (const host of after.hosts) left.delete(placeKey(host))
  return [...left.values()]
}
