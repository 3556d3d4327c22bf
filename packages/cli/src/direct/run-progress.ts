// A run begun in an IDC, as the log tells it: which host is where, by the rules by which the server counts.

import { TextDecoder } from 'node:util'
import type { HostResultView, RunEvent } from '@omserver/api'
import {
  cutDirect,
  type DirectSubmission,
  emptyCounts,
  type HostCounts,
  isEnd,
  type RunState,
  runEndState,
  type SliceEvent,
} from '@omserver/core'

/** Of what a host has printed, for people. */
const KEPT_BYTES = 64 * 1024

interface HostProgress {
  result: HostResultView
  kept: number
  keptOutput: Uint8Array[]
  readonly decoders: Record<'stdout' | 'stderr', TextDecoder>
}

export interface RunProgress {
  /** What an event changes, as the events of a run say it. What comes from behind a fence changes nothing. */
  apply(event: SliceEvent): readonly RunEvent[]
  counts(): HostCounts
  changed(): number
  /** undefined: some host has no end yet. */
  ended(): RunState | undefined
  state(): RunState
  /** Each host, and the beginning of its output. */
  hosts(): readonly { readonly result: HostResultView; readonly output: Uint8Array }[]
}

export const runProgress = (
  submission: DirectSubmission,
  known: ReadonlyMap<string, { readonly address: string; readonly encoding?: string }>,
): RunProgress => {
  const fences = new Map(cutDirect(submission).map(({ sliceId }) => [sliceId, 0]))
  const hosts = new Map(
    submission.hosts.map(({ hostId, name }) => [
      hostId,
      newHost(submission.idc, hostId, name, known.get(hostId)),
    ]),
  )

  const applyTo = (
    host: HostProgress,
    event: Extract<SliceEvent, { readonly hostId: string; readonly attempt: number }>,
  ): readonly RunEvent[] => {
    const { hostId, name, attempt } = host.result
    if (isEnd(host.result.state)) return []
    switch (event.kind) {
      case 'host.started':
        if (host.result.state === 'running') return []
        host.result = { ...host.result, state: 'running', startedAt: event.at }
        return [{ type: 'host.started', hostId, name, attempt }]
      case 'host.output': {
        const { stream, offset, bytes } = event
        if (offset + bytes.length <= host.kept) return []
        const at = Math.max(offset, host.kept)
        const rest = bytes.subarray(at - offset)
        host.kept = offset + bytes.length
        if (at < KEPT_BYTES) host.keptOutput.push(rest.subarray(0, KEPT_BYTES - at))
        const text = host.decoders[stream].decode(rest, { stream: true })
        return [{ type: 'host.output', hostId, name, attempt, stream, offset: at, text }]
      }
      case 'host.step': {
        const { index, name: task, state } = event
        return [
          {
            type: 'host.step',
            hostId,
            name,
            attempt,
            index,
            task,
            item: event.item ?? null,
            state,
            exit: event.exit ?? null,
            changed: event.changed ?? null,
            durationMs: event.durationMs ?? null,
            diff: event.diff ?? null,
            message: event.message ?? null,
          },
        ]
      }
      case 'host.ended':
        host.result = endOf(host.result, event)
        return [{ type: 'host.ended', result: host.result }]
      case 'host.keySeen':
        return []
      // The server keeps it, when it hears of the run.
      case 'host.file':
        return []
    }
  }

  const counts = (): HostCounts => {
    const all = emptyCounts()
    for (const { result } of hosts.values()) all[result.state]++
    return all
  }

  const ended = (): RunState | undefined => {
    const all = counts()
    if (all.queued + all.running > 0) return undefined
    const aborted = [...hosts.values()].some(({ result }) => result.reason === 'byPerson')
    return runEndState(all, { aborted, skippedForCheck: 0 })
  }

  return {
    apply(event) {
      const fence = fences.get(event.sliceId)
      if (fence === undefined) return []
      if (event.kind === 'slice.claimed') {
        fences.set(event.sliceId, Math.max(fence, event.fence))
        return []
      }
      if (event.kind === 'slice.note' || event.fence !== fence) return []
      const host = hosts.get(event.hostId)
      return host ? applyTo(host, event) : []
    },
    counts,
    changed: () => [...hosts.values()].filter(({ result }) => result.changed === true).length,
    ended,
    state: () => ended() ?? (counts().queued === hosts.size ? 'queued' : 'running'),
    hosts: () =>
      [...hosts.values()].map(({ result, keptOutput }) => ({
        result,
        output: Buffer.concat(keptOutput),
      })),
  }
}

const newHost = (
  idc: string,
  hostId: string,
  name: string,
  known: { readonly address: string; readonly encoding?: string } | undefined,
): HostProgress => ({
  result: {
    hostId,
    name,
    address: known?.address ?? '',
    idc,
    batch: 0,
    attempt: 1,
    state: 'queued',
    reason: null,
    message: null,
    exit: null,
    changed: null,
    leftRunning: null,
    startedAt: null,
    endedAt: null,
    durationMs: null,
    outputBytes: 0,
    truncated: false,
    answer: null,
    rev: 0,
  },
  kept: 0,
  keptOutput: [],
  decoders: {
    stdout: new TextDecoder(known?.encoding ?? 'utf-8'),
    stderr: new TextDecoder(known?.encoding ?? 'utf-8'),
  },
})

const endOf = (
  before: HostResultView,
  {
    end,
    at,
    durationMs,
    answer,
    outputBytes,
    truncated,
  }: Extract<SliceEvent, { kind: 'host.ended' }>,
): HostResultView => ({
  ...before,
  state: end.state,
  reason: end.reason ?? null,
  message: end.message ?? null,
  exit: end.exit ?? null,
  changed: end.changed ?? null,
  leftRunning: end.leftRunning ?? null,
  endedAt: at,
  durationMs,
  outputBytes,
  truncated,
  answer: answer ?? null,
})
