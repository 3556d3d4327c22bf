// What stands on the server for each IDC: made, found, and made again on a timer of its own when the store was lost.

import type { CallerKind, Idc, Stop } from '../ports.ts'
import { publishAfter } from './compare-and-set.ts'
import { follow } from './feed.ts'
import type { Line } from './line.ts'
import { epochOf, fromToken, lastToken, type Names, toToken } from './names.ts'
import { encodeJson } from './payload.ts'
import {
  blobsStream,
  boardStreams,
  directStream,
  doneStream,
  idcsStream,
  logStream,
  makeConsumer,
  makeStream,
  type Times,
  WORK_CONSUMER,
  workConsumer,
  workStream,
} from './streams.ts'

const LOOK_EVERY_MS = 5_000

interface Site {
  epoch?: string
  /** The first look that found everything. */
  opening?: Promise<string>
  looking?: Promise<string>
  trouble?: string
}

export interface Sites {
  /** Resolves with the epoch of the log when all that the IDC needs is there, however long that takes. */
  ready(idc: Idc): Promise<string>
  /** The epoch as far as it is known; undefined: not looked yet. */
  known(idc: Idc): string | undefined
  /** Asks the server now; a server's engine makes what is not there. */
  look(idc: Idc): Promise<string>
  /** Told when the log of an IDC turns out to be another one, before anything can be sent to that. */
  onLost(listener: (idc: Idc) => void): () => void
  trouble(idc: Idc): string | undefined
  watch(on: (idc: Idc) => void): Promise<Stop>
  /** What all IDCs share. */
  makeShared(): Promise<void>
  /** Makes an IDC known to those who watch. */
  announce(idc: Idc): Promise<void>
}

export const createSites = (parts: {
  readonly line: Line
  readonly names: Names
  readonly times: Times
  readonly role: CallerKind
  readonly blobsMaxBytes: number
  readonly newId: () => string
  /** Where IDCs become known; absent: here. */
  readonly announce?: (idc: Idc) => Promise<void>
  /** Done for each open IDC whenever all of them have been looked at. */
  readonly lookAlso?: (idc: Idc) => Promise<void>
}): Sites => {
  const { line, names, times, role } = parts
  const { js, jsm } = line
  const sites = new Map<Idc, Site>()
  const lostListeners = new Set<(idc: Idc) => void>()

  const siteOf = (idc: Idc): Site => {
    const known = sites.get(idc)
    if (known) return known
    const site: Site = {}
    sites.set(idc, site)
    return site
  }

  const makeShared = async (): Promise<void> => {
    await makeStream(jsm, idcsStream(names))
    await makeStream(jsm, blobsStream(names, parts.blobsMaxBytes))
  }

  const announce = async (idc: Idc): Promise<void> => {
    await makeShared()
    await publishAfter(js, 0, {
      subject: `${names.idcs}.${toToken(idc)}`,
      data: encodeJson(idc),
    })
  }

  const makeAll = async (idc: Idc): Promise<string> => {
    const newEpoch = parts.newId().replaceAll('-', '')
    const [log] = await Promise.all([
      makeStream(jsm, logStream(names, idc, newEpoch), ['subjects']),
      makeStream(jsm, workStream(names, idc)).then(() =>
        makeConsumer(jsm, names.workStream(idc), workConsumer(times)),
      ),
      ...[...boardStreams(names, times, idc), directStream(names, idc), doneStream(names, idc)].map(
        (spec) => makeStream(jsm, spec),
      ),
    ])
    return epochOf(log.subjects[0] ?? '')
  }

  const findAll = async (idc: Idc): Promise<string> => {
    const [log] = await Promise.all([
      jsm.streams.info(names.logStream(idc)),
      jsm.consumers.info(names.workStream(idc), WORK_CONSUMER),
      ...boardStreams(names, times, idc).map(({ name }) => jsm.streams.info(name)),
    ])
    return epochOf(log.config.subjects[0] ?? '')
  }

  const lookAt = async (idc: Idc, site: Site): Promise<string> => {
    try {
      const epoch = role === 'server' ? await makeAll(idc) : await findAll(idc)
      if (site.epoch !== epoch) {
        const wasLost = site.epoch !== undefined
        site.epoch = epoch
        if (wasLost) for (const listener of [...lostListeners]) listener(idc)
        // Last, so that whoever hears of the IDC finds everything in place.
        if (role === 'server') await (parts.announce ?? announce)(idc)
      }
      site.trouble = undefined
      return epoch
    } catch (error) {
      site.trouble = error instanceof Error ? error.message : String(error)
      throw error
    }
  }

  const look = (idc: Idc): Promise<string> => {
    const site = siteOf(idc)
    site.looking ??= line.whileUp(lookAt(idc, site)).finally(() => {
      site.looking = undefined
    })
    return site.looking
  }

  const opened = (): readonly Idc[] =>
    [...sites].flatMap(([idc, { opening }]) => (opening ? [idc] : []))

  const lookAtAll = async (): Promise<void> => {
    if (line.isUp()) await Promise.allSettled(opened().map(look))
  }

  // Apart from whatever publishes: that may be waiting for a stream which only this brings back.
  const keepLooking = async (): Promise<void> => {
    while (!line.closed.aborted) {
      await line.pause(LOOK_EVERY_MS)
      await lookAtAll()
      if (line.isUp())
        await Promise.allSettled(opened().map(parts.lookAlso ?? (async () => undefined)))
    }
  }
  void keepLooking()
  line.onRestored(() => void lookAtAll())

  return {
    async ready(idc) {
      const site = siteOf(idc)
      site.opening ??= line
        .persist(() => look(idc))
        .catch((error: unknown) => {
          site.opening = undefined
          throw error
        })
      const first = await site.opening
      return site.epoch ?? first
    },
    known: (idc) => sites.get(idc)?.epoch,
    look,
    onLost(listener) {
      lostListeners.add(listener)
      return () => {
        lostListeners.delete(listener)
      }
    },
    trouble: (idc) => sites.get(idc)?.trouble,
    async watch(on) {
      const told = new Set<Idc>()
      const following = follow(line, {
        start: async () => ({ stream: names.idcsStream, filter: `${names.idcs}.*` }),
        onMessage({ subject }) {
          const idc = fromToken(lastToken(subject))
          if (told.has(idc)) return
          told.add(idc)
          on(idc)
        },
      })
      await following.caughtUp
      return following.stop
    },
    makeShared,
    announce,
  }
}
