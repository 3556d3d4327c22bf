// A board of the NATS engine: latest values, one stream for each IDC.

import { Problem } from '@omserver/core'
import type { Board, Idc } from '../ports.ts'
import type { BoardProof } from './board-proof.ts'
import { type LatestValues, latestValues } from './latest-values.ts'
import type { Line } from './line.ts'
import type { Sites } from './sites.ts'

export const streamBoard = (
  line: Line,
  sites: Sites,
  place: {
    readonly stream: (idc: Idc) => string
    readonly subject: (idc: Idc) => string
    readonly ttlMs?: number
    /** Absent: whoever may write there is believed. */
    readonly proofOf?: (idc: Idc) => BoardProof
    readonly onRefused?: (idc: Idc, key: string, why: string) => void
  },
): Board => {
  const boards = new Map<Idc, LatestValues>()

  const boardOf = async (idc: Idc): Promise<LatestValues> => {
    if (line.closed.aborted) throw new Problem('ENGINE_CLOSED')
    await sites.ready(idc)
    const known = boards.get(idc)
    if (known) return known
    const board = latestValues(line, {
      stream: place.stream(idc),
      subject: place.subject(idc),
      ttlMs: place.ttlMs,
      proof: place.proofOf?.(idc),
      onRefused: (key, why) => place.onRefused?.(idc, key, why),
    })
    boards.set(idc, board)
    return board
  }

  return {
    put: async (idc, key, value) => (await boardOf(idc)).put(key, value),
    putOnce: async (idc, key, value) => (await boardOf(idc)).putOnce(key, value),
    get: async (idc, key) => (await boardOf(idc)).get(key),
    remove: async (idc, key) => (await boardOf(idc)).remove(key),
    all: async (idc) => (await boardOf(idc)).all(),
    watch: async (idc, on) => (await boardOf(idc)).watch(on),
  }
}
