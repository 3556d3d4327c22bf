// What a launch would do, worked out and checked the same way for a preview and for the launch itself.

import { errorText, type RunView } from '@omserver/api'
import {
  type Action,
  type AnswerMask,
  cutBatches,
  cutSlices,
  DEFAULT_IDC,
  defaultMask,
  driverFor,
  type FieldProblem,
  failuresAllowed,
  grantAllows,
  type Host,
  idcOf,
  type Json,
  lackingIn,
  Problem,
  type Strategy,
  type TableSpec,
  type Text,
} from '@omserver/core'
import type { Actor } from '../actor.ts'

/** A run before it has hosts. */
export interface WhatToRun {
  readonly module: string
  readonly title: Text
  /** Secret values as `***`. */
  readonly params: Readonly<Record<string, Json>>
  readonly check: boolean
  /** null: check mode, and the module cannot be checked. */
  readonly action: Action | null
  readonly mask: readonly AnswerMask[]
  readonly table: TableSpec | null
  readonly dangerous: Text | undefined
  readonly runAs: RunView['runAs']
  readonly strategy: Strategy
  /** By the name in their references. */
  readonly secrets: ReadonlyMap<string, string>
  readonly problems: readonly FieldProblem[]
}

/**
 * A password given to a host is known to whoever rules that host: an operator may name a credential only where a
 * host that is granted has it already. Throws Problem CREDENTIAL_NOT_GRANTED.
 */
export const requireMayUse = (
  actor: Actor,
  module: string,
  credential: { readonly id: string; readonly name: string } | undefined,
  fleet: { readonly hosts: readonly Host[]; readonly groups: ReadonlyMap<string, string> },
): void => {
  if (credential === undefined || actor.role === 'admin') return
  const { id, name } = credential
  const having = fleet.hosts.filter(({ credentialId }) => credentialId === id)
  const answer = grantAllows(actor.grants, module, having, fleet.groups)
  const refused = answer.allowed ? 0 : answer.hosts.length
  if (refused < having.length) return
  throw new Problem('CREDENTIAL_NOT_GRANTED', { module, credential: name })
}

/** Throws Problem DRIVER_LACKS, ACTION_TOO_LARGE. */
export const requireDrivers = (action: Action | null, hosts: readonly Host[]): void => {
  if (action === null) return
  for (const { driver, name } of hosts) {
    const lacking = lackingIn(driverFor(driver, action), action)
    if (lacking) throw new Problem('DRIVER_LACKS', { driver, action: lacking, host: name })
  }
  const target = { hostId: '', name: '', access: { address: '', port: 0 }, jumps: [], vars: {} }
  cutSlices({
    hosts: [{ target, idc: DEFAULT_IDC, driver: 'ssh' }],
    concurrency: 1,
    actionBytes: Buffer.byteLength(JSON.stringify(action)),
  })
}

export interface Confirmation {
  readonly needed: boolean
  readonly reason: Text | null
}

export const confirmationOf = (
  hosts: number,
  dangerous: Text | undefined,
  confirmAbove: number,
): Confirmation => {
  if (dangerous) return { needed: true, reason: dangerous }
  if (hosts <= confirmAbove) return { needed: false, reason: null }
  return {
    needed: true,
    reason: {
      zh: `超过 ${confirmAbove} 台主机的执行需要确认主机数。`,
      en: `More than ${confirmAbove} hosts need their number confirmed.`,
    },
  }
}

/** Throws Problem CONFIRM_NEEDED {hosts, reason}, COUNT_MISMATCH {confirmed, hosts}. */
export const requireConfirmed = (
  confirmation: Confirmation,
  hosts: number,
  confirmed: number | undefined,
): void => {
  if (confirmed !== undefined && confirmed !== hosts) {
    throw new Problem('COUNT_MISMATCH', { confirmed, hosts })
  }
  if (!confirmation.needed || confirmed !== undefined) return
  const { zh = '', en = '' } = confirmation.reason ?? {}
  throw new Problem('CONFIRM_NEEDED', { hosts, reason: { zh, en } })
}

/** Throws Problem BATCH_SYNTAX, THRESHOLD_SYNTAX. */
export const batchesOf = (hosts: number, strategy: Strategy): readonly number[] => {
  failuresAllowed(hosts, strategy.maxFailures)
  return cutBatches(hosts, strategy.batches)
}

export const idcCounts = (
  hosts: readonly Host[],
): readonly { readonly idc: string; readonly hosts: number }[] => {
  const counts = new Map<string, number>()
  for (const host of hosts) counts.set(idcOf(host), (counts.get(idcOf(host)) ?? 0) + 1)
  return [...counts].map(([idc, hosts]) => ({ idc, hosts })).sort((a, b) => b.hosts - a.hosts)
}

/** What a check that was not passed says to a person; undefined: it was passed. */
export const refusalOf = (check: () => void): Text | undefined => {
  try {
    check()
    return undefined
  } catch (error) {
    if (error instanceof Problem) return errorText(error.code, error.details)
    throw error
  }
}

export const maskOf = (mask: readonly AnswerMask[] | undefined): readonly AnswerMask[] =>
  mask ?? defaultMask
