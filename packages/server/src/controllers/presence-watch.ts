// Hears of every controller that is there, in each IDC, as soon as an IDC can be reached.

import type { Engine, Stop } from '@omserver/engine'
import { type Presence, presenceOf } from './presence.ts'

export interface PresenceWatch {
  /** Listens to those of these IDCs that it does not listen to yet. Does not wait for one that is cut off. */
  also(idcs: readonly string[]): void
  stop(): void
}

export const presenceWatch = (
  engine: Engine,
  on: (presence: Presence) => Promise<void>,
): PresenceWatch => {
  const watched = new Map<string, Promise<Stop>>()
  let stopped = false

  const watch = async (idc: string): Promise<Stop> => {
    await engine.ensure(idc)
    return engine.presence.watch(idc, (key, value) => {
      const presence = value === undefined ? undefined : presenceOf(idc, key, value)
      if (presence && !stopped) void on(presence)
    })
  }

  return {
    also(idcs) {
      for (const idc of idcs) {
        if (watched.has(idc) || stopped) continue
        const watching = watch(idc)
        watched.set(idc, watching)
        watching.catch(() => watched.delete(idc))
      }
    },
    stop() {
      stopped = true
      for (const watching of watched.values()) {
        watching.then((stop) => stop()).catch(() => undefined)
      }
    },
  }
}
