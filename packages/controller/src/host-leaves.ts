// For drivers that bring a shell to a host, and nothing else.

import { type HostEnd, type HostLeaf, isHostLeaf } from '@omserver/core'
import type { Driver, HostReport, HostWork } from './driver.ts'

export type HostLeafWork = HostWork & { readonly action: HostLeaf }

/** Whoever launches asks what a driver can do before: this is for what slips through. */
export const onlyHostLeaves =
  (
    carryOut: (work: HostLeafWork, report: HostReport, signal: AbortSignal) => Promise<HostEnd>,
  ): Driver['carryOut'] =>
  async (work, report, signal) => {
    const { action } = work
    if (isHostLeaf(action)) return carryOut({ ...work, action }, report, signal)
    const message = `this driver cannot carry out "${action.kind}"`
    return { state: 'skipped', reason: 'capability', message }
  }
