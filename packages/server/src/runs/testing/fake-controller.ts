// A controller at the engine's port, for tests of the server: hosts answer as the test says, when it says so.

import type {
  HostEnd,
  HostEnded,
  HostStep,
  OutputStream,
  Slice,
  SliceEvent,
  TargetHost,
} from '@omserver/core'
import type { Delivery, Engine, Idc, RunIntent, Stop } from '@omserver/engine'

type Unsent = {
  [K in SliceEvent['kind']]: Omit<
    Extract<SliceEvent, { kind: K }>,
    'runId' | 'sliceId' | 'fence' | 'n' | 'by' | 'at'
  >
}[SliceEvent['kind']]

export interface Behaviour {
  readonly output?: readonly (readonly [OutputStream, string | Uint8Array])[]
  /** Their positions are those of the list, where they name none. */
  readonly steps?: readonly (Pick<HostStep, 'name' | 'state'> &
    Partial<
      Pick<HostStep, 'index' | 'item' | 'exit' | 'changed' | 'durationMs' | 'diff' | 'message'>
    >)[]
  readonly end?: HostEnd
  readonly answer?: string
  /** Nothing was sent: no start is reported. */
  readonly unstarted?: boolean
  /** Waited for between start and end. */
  readonly until?: Promise<unknown>
}

export interface FakeController {
  /** How often each host was started, by name: more than once per attempt is a command run twice. */
  readonly started: ReadonlyMap<string, number>
  readonly slices: readonly Slice[]
  /** Most hosts in flight at once, per run. */
  readonly peak: ReadonlyMap<string, number>
  stop(): Promise<void>
}

export const startFakeController = async (
  engine: Engine,
  idcs: readonly Idc[],
  behave: (host: TargetHost, slice: Slice) => Behaviour,
  name = 'c1',
): Promise<FakeController> => {
  const started = new Map<string, number>()
  const slices: Slice[] = []
  const inFlight = new Map<string, number>()
  const peak = new Map<string, number>()
  const stops: Stop[] = []
  let stopped = false

  const carryOut = async (idc: Idc, delivery: Delivery): Promise<void> => {
    const { slice } = delivery
    const { sliceId, runId } = slice
    const claim = await engine.log.claim(idc, { sliceId, runId, by: name, at: 0 }, 0)
    if (!claim.ok) {
      const history = await engine.log.history(idc, sliceId)
      const ended = new Set(
        history.flatMap(({ event }) => (event.kind === 'host.ended' ? [event.hostId] : [])),
      )
      return slice.hosts.every(({ hostId }) => ended.has(hostId))
        ? delivery.done()
        : delivery.release(1000)
    }
    slices.push(slice)
    let n = 0
    const send = (...events: Unsent[]): Promise<void> =>
      engine.log.append(
        idc,
        events.map(
          (event) =>
            ({
              runId,
              sliceId,
              fence: claim.fence,
              n: ++n,
              by: name,
              at: 0,
              ...event,
            }) as SliceEvent,
        ),
      )
    let cut: HostEnd | undefined
    let skip = false
    const { promise: cutShort, resolve: cutNow } = Promise.withResolvers<void>()
    const endWatch = await engine.intent.watch(idc, (key, value) => {
      if (key !== `run:${runId}` || value === undefined) return
      const intent = value as unknown as RunIntent
      if (intent.want === 'stop') skip = true
      else {
        cut =
          intent.reason === 'runTimeout'
            ? { state: 'timedOut', reason: 'runTimeout' }
            : { state: 'aborted', reason: 'byPerson' }
        cutNow()
      }
    })
    const waiting = [...slice.hosts]
    const lane = async (): Promise<void> => {
      for (let host = waiting.shift(); host; host = waiting.shift()) {
        const of = { hostId: host.hostId, attempt: slice.attempt }
        const ended = (end: HostEnd, more: Partial<HostEnded> = {}) =>
          ({
            kind: 'host.ended',
            ...of,
            end,
            durationMs: 1,
            outputBytes: 0,
            truncated: false,
            ...more,
          }) as const
        if (stopped) return
        if (skip) await send(ended({ state: 'skipped', reason: 'threshold' }))
        else if (cut) await send(ended({ ...(cut as HostEnd), leftRunning: 'no' }))
        else {
          const now = (inFlight.get(runId) ?? 0) + 1
          inFlight.set(runId, now)
          peak.set(runId, Math.max(now, peak.get(runId) ?? 0))
          const behaviour = behave(host, slice)
          if (!behaviour.unstarted) {
            await send({ kind: 'host.started', ...of })
            started.set(host.name, (started.get(host.name) ?? 0) + 1)
          }
          if (behaviour.until) await Promise.race([behaviour.until, cutShort])
          if (stopped) return
          let offset = 0
          const outputs = (behaviour.output ?? []).map(([stream, text]) => {
            const bytes = typeof text === 'string' ? Buffer.from(text) : text
            const event = { kind: 'host.output', ...of, stream, offset, bytes } as const
            offset += bytes.length
            return event
          })
          const end: HostEnd = cut
            ? { ...(cut as HostEnd), leftRunning: 'no' }
            : (behaviour.end ?? { state: 'ok', exit: 0 })
          const steps = (behaviour.steps ?? []).map(
            (step, index) => ({ kind: 'host.step', ...of, index, ...step }) as const,
          )
          await send(
            ...outputs,
            ...steps,
            ended(end, { outputBytes: offset, answer: behaviour.answer }),
          )
          inFlight.set(runId, (inFlight.get(runId) ?? 1) - 1)
        }
      }
    }
    await Promise.all(Array.from({ length: slice.concurrency }, lane))
    await endWatch()
    if (!stopped) await delivery.done()
  }

  for (const idc of idcs) {
    await engine.ensure(idc)
    await engine.presence.put(idc, `controller:${name}`, { name })
    stops.push(
      await engine.queue.consume(idc, { slots: () => (stopped ? 0 : 4096) }, (delivery) =>
        carryOut(idc, delivery).catch((error: unknown) => {
          if (!stopped) throw error
        }),
      ),
    )
  }
  return {
    started,
    slices,
    peak,
    async stop() {
      stopped = true
      for (const stop of stops) await stop()
      for (const idc of idcs) await engine.presence.remove(idc, `controller:${name}`)
    },
  }
}
