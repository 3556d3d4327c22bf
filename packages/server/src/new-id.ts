// Ids that sort by the time they were made: UUIDv7 (RFC 9562).

import { randomFillSync } from 'node:crypto'

/** Makes a generator; ids of one generator only grow, also within a millisecond and when the clock steps back. */
export const uuidGenerator = (
  now: () => number,
  random: (bytes: Uint8Array) => void = randomFillSync,
): (() => string) => {
  let last = 0
  let count = 0
  return () => {
    const at = now()
    if (at > last) {
      last = at
      count = 0
    } else if (++count > 0xfff) {
      last += 1
      count = 0
    }
    const bytes = new Uint8Array(16)
    random(bytes)
    const view = new DataView(bytes.buffer)
    view.setUint32(0, Math.floor(last / 0x10000))
    view.setUint16(4, last % 0x10000)
    view.setUint16(6, 0x7000 | count)
    view.setUint8(8, 0x80 | (view.getUint8(8) & 0x3f))
    const hex = Buffer.from(bytes).toString('hex')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  }
}
