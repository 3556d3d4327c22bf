// Fills in what the leaves of an action only name, as it is at this moment: what is stored runs, whatever changes later.

import { type Action, type LeafAction, type LeafKind, leavesOf } from '@omserver/core'
import type { Actor } from '../actor.ts'
import type { RunParts, RunSource } from './ports.ts'

type Sources = NonNullable<RunParts['sources']>

/** Throws Problem of the source: PROJECT_UNKNOWN, FILE_UNKNOWN … */
export const withSources = async <A extends Action | null>(
  sources: Sources = [],
  actor: Actor,
  action: A,
): Promise<A | Action> => {
  if (action === null) return action
  const resolved = async (leaf: LeafAction): Promise<LeafAction> =>
    (await sourceOf(sources, leaf)?.resolve(actor, leaf)) ?? leaf
  if (action.kind !== 'steps') return resolved(action)
  const steps = []
  for (const step of action.steps) steps.push({ ...step, action: await resolved(step.action) })
  return { ...action, steps }
}

/** Before it is offered. Throws Problem of the source: PROJECT_ARCHIVE_GONE, BLOBS_FULL … */
export const provideSources = async (
  sources: Sources = [],
  action: Action | null,
): Promise<void> => {
  for (const leaf of action === null ? [] : leavesOf(action)) {
    await sourceOf(sources, leaf)?.provide?.(leaf)
  }
}

/** A source is asked about leaves of its own kind alone. */
const sourceOf = (sources: Sources, leaf: LeafAction): RunSource<LeafKind> | undefined =>
  sources.find(({ kind }) => kind === leaf.kind) as RunSource<LeafKind> | undefined
