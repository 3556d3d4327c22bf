// Gives back what a burst needed: V8 keeps the memory of a large run until something else wants it, perhaps for days.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Collect = (options: {
  readonly type: 'major'
  readonly execution: 'async'
  readonly flavor: 'last-resort'
}) => Promise<void>

/** Less than this is not worth a collection, which takes about a millisecond for each megabyte in use. */
const WORTH_BYTES = 64 * 1024 * 1024

let collect: Collect | undefined
/** Resident, after the last time. */
let floor = process.memoryUsage.rss()

/** To be called when nothing is under way: everybody waits for it. */
export const giveBackMemory = async (): Promise<void> => {
  if (process.memoryUsage.rss() - floor < WORTH_BYTES) return
  if (!collect) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as Collect
  }
  await collect({ type: 'major', execution: 'async', flavor: 'last-resort' })
  floor = process.memoryUsage.rss()
}
