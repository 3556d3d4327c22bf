// What a person wants of this controller itself: to take nothing more, or to end what it has.

import type { ControllerIntent, Engine, Idc, Stop } from '@omserver/engine'

type Order = ControllerIntent['want']

/** `on` is told each order, and undefined when it is taken back. */
export const watchOrders = (
  engine: Engine,
  idc: Idc,
  name: string,
  on: (order: Order | undefined) => void,
): Promise<Stop> => {
  const own = `controller:${name}`
  return engine.intent.watch(idc, (key, value) => {
    if (key !== own) return
    const want =
      typeof value === 'object' && value !== null && 'want' in value ? value.want : undefined
    on(want === 'drain' || want === 'leave' ? want : undefined)
  })
}
