// What follows from handing out or rotating a key: the runs that belong together. Pure.

import type { RunView } from '@omserver/api'

/** The text of a step is under `trust.step`. */
type StepName = 'check' | 'put' | 'verify' | 'removeKey'

export const stepName = (module: string): StepName => {
  switch (module) {
    case 'trust.verify':
      return 'verify'
    case 'trust.removeKey':
      return 'removeKey'
    case 'trust.check':
      return 'check'
    default:
      return 'put'
  }
}

export interface Attempt {
  readonly first: RunView
  /** In the order they happened, the first included. */
  readonly steps: readonly RunView[]
  /** Whose count answers the question: where the key was seen to work, once that is known. */
  readonly told: RunView
}

export const attemptsOf = (
  firsts: readonly RunView[],
  followers: readonly RunView[],
): readonly Attempt[] =>
  firsts.map((first) => {
    const mine = followers
      .filter(({ params }) => params.of === first.id)
      .sort((a, b) => a.createdAt - b.createdAt)
    const steps = [first, ...mine]
    return { first, steps, told: mine.find(({ module }) => module === 'trust.verify') ?? first }
  })
