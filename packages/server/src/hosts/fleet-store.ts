// Keeps the fleet in memory, notices when another replica changed it, and is the only way to change it.

import type { Db } from '../db/index.ts'
import { type Fleet, type FleetChange, fleetAfter, fleetOf } from './fleet.ts'
import { insertGroup, readGroups, removeGroup, updateGroup } from './group-table.ts'
import { type PinnedKeys, placesLeft } from './pinned-keys.ts'
import { putHosts, readHosts, readRevs, removeHosts, writeRev } from './table.ts'

const TRIES = 5

export class FleetStore {
  readonly #db: Db
  readonly #keys: PinnedKeys
  #kept: Fleet | undefined
  #loading: { readonly rev: number; readonly fleet: Promise<Fleet> } | undefined
  #writing: Promise<unknown> = Promise.resolve()

  constructor(db: Db, keys: PinnedKeys) {
    this.#db = db
    this.#keys = keys
  }

  /** One row is read to see whether the fleet in memory still holds; the fleet only when it does not. */
  async current(): Promise<Fleet> {
    const { hosts: rev } = await readRevs(this.#db)
    if (this.#kept?.rev === rev) return this.#kept
    if (this.#loading?.rev !== rev) this.#loading = { rev, fleet: this.#load() }
    return this.#loading.fleet
  }

  /**
   * Changes the fleet by what `decide` makes of it, whole or not at all. `decide` may throw, and runs again when
   * another replica was faster. Changes of this process come one after the other.
   */
  change<T>(
    decide: (fleet: Fleet) => { readonly change: FleetChange; readonly answer: T },
  ): Promise<T> {
    const done = this.#writing.then(() => this.#change(decide))
    this.#writing = done.catch(() => undefined)
    return done
  }

  async #change<T>(
    decide: (fleet: Fleet) => { readonly change: FleetChange; readonly answer: T },
  ): Promise<T> {
    for (let tries = 0; tries < TRIES; tries++) {
      const before = await this.current()
      const { change, answer } = decide(before)
      if (isEmpty(change)) return answer
      const after = fleetAfter(before, before.rev + 1, change)
      const pinned = await this.#keys.current()
      const places = placesLeft(before, after, change).filter((place) => pinned.at(place))
      const written = await this.#db.transaction().execute(async (trx) => {
        if ((await readRevs(trx)).hosts !== before.rev) return false
        // First what goes: a new host may take the name of a removed one.
        await removeHosts(trx, change.remove ?? [])
        await putHosts(trx, change.put ?? [])
        if (change.removeGroup) await removeGroup(trx, change.removeGroup)
        if (change.putGroup) {
          const known = before.groups.some((group) => group.id === change.putGroup?.id)
          await (known ? updateGroup : insertGroup)(trx, change.putGroup)
        }
        await this.#keys.forget(trx, places)
        await writeRev(trx, 'hosts', after.rev)
        return true
      })
      if (!written) continue
      this.#keys.forgotten(places)
      this.#kept = after
      return answer
    }
    throw new Error('the fleet kept changing while a change was made')
  }

  async #load(): Promise<Fleet> {
    // In one transaction, or the hosts could be newer than the number that stands for them.
    const fleet = await this.#db.transaction().execute(async (trx) => {
      const { hosts: rev } = await readRevs(trx)
      return fleetOf(rev, await readHosts(trx), await readGroups(trx))
    })
    if (!this.#kept || this.#kept.rev < fleet.rev) this.#kept = fleet
    this.#loading = undefined
    return fleet
  }
}

const isEmpty = ({ put = [], remove = [], putGroup, removeGroup }: FleetChange): boolean =>
  put.length === 0 && remove.length === 0 && !putGroup && !removeGroup
