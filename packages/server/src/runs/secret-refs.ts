// The secrets of a run inside its action: references, found and rewritten.

import { type Action, isSecretRef, type SecretRef, secretRef, secretRefsIn } from '@omserver/core'

/** Under this name the password of sudo or su is kept; no parameter can have it. */
export const RUN_AS_PASSWORD = 'run-as'

export const refOfRun = (runId: string, name: string): SecretRef =>
  secretRef(`run:${runId}:${name}`)

/** undefined: not the reference of a run. */
export const partsOfRef = (
  ref: string,
): { readonly runId: string; readonly name: string } | undefined => {
  const [, runId, name] = /^run:([^:]+):(.+)$/s.exec(ref) ?? []
  return runId === undefined || name === undefined ? undefined : { runId, name }
}

/** The names of the secrets that an action refers to. */
export const secretNames = (action: Action | null): readonly string[] =>
  secretRefsIn(action).flatMap((ref) => partsOfRef(ref)?.name ?? [])

/** What has to be given again before the action can run once more, in the words of the contract. */
export const neededAgain = (action: Action | null): readonly string[] =>
  callerNames(secretNames(action))

/** In the words of the contract: the password of sudo or su is no parameter there. */
export const callerNames = (names: readonly string[]): readonly string[] =>
  names.map((name) => (name === RUN_AS_PASSWORD ? 'runAsPassword' : name))

/** The same action with its secrets looked for under another run. */
export const withRefsOf = (action: Action, runId: string): Action => {
  const walk = (part: unknown): unknown => {
    if (isSecretRef(part)) {
      const name = partsOfRef(part.ref)?.name
      return name === undefined ? part : refOfRun(runId, name)
    }
    if (Array.isArray(part)) return part.map(walk)
    if (typeof part !== 'object' || part === null) return part
    return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, walk(value)]))
  }
  return walk(action) as Action
}
