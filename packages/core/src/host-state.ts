// The states of one host in one attempt of a run. Every targeted host ends in exactly one of the ends.

export const hostStates = [
  'queued',
  'running',
  'ok',
  'failed',
  'unreachable',
  'timedOut',
  'skipped',
  'aborted',
  'lost',
] as const
export type HostState = (typeof hostStates)[number]

export const hostEnds = [
  'ok',
  'failed',
  'unreachable',
  'timedOut',
  'skipped',
  'aborted',
  'lost',
] as const satisfies readonly HostState[]
export type HostEndState = (typeof hostEnds)[number]

export const isEnd = (state: HostState): state is HostEndState =>
  state !== 'queued' && state !== 'running'

export type LeftRunning = 'yes' | 'no' | 'unknown'

/** Why a host ended as it did; a code the screen explains in both languages. */
export type EndReason =
  // unreachable
  | 'refused'
  | 'noRoute'
  | 'dns'
  | 'connectTimeout'
  | 'authFailed'
  | 'hostKeyChanged'
  | 'noCredential'
  | 'noAgent'
  | 'jumpFailed'
  | 'handshakeFailed'
  | 'endpointFailed'
  | 'minionUnknown'
  | 'tlsFailed'
  // failed
  | 'exit'
  | 'signal'
  | 'varUnset'
  | 'runAsRefused'
  | 'copyFailed'
  | 'fetchFailed'
  | 'secretMissing'
  | 'callFailed'
  | 'driverError'
  | 'taskFailed'
  | 'playbookError'
  // skipped
  | 'threshold'
  | 'noCheckSupport'
  | 'capability'
  | 'notInPlay'
  | 'loginForgotten'
  // timedOut, aborted, lost
  | 'hostTimeout'
  | 'runTimeout'
  | 'byPerson'
  | 'connectionCut'
  | 'controllerLost'
  | 'storeLost'

/** How one host ended. Immutable once recorded. */
export interface HostEnd {
  readonly state: HostEndState
  readonly reason?: EndReason
  /** One line for people, as the driver or the host said it; never a secret. At most 500 characters. */
  readonly message?: string
  readonly exit?: number
  readonly signal?: string
  readonly changed?: boolean
  readonly leftRunning?: LeftRunning
}

export type HostCounts = Readonly<Record<HostState, number>>

export const emptyCounts = (): Record<HostState, number> => ({
  queued: 0,
  running: 0,
  ok: 0,
  failed: 0,
  unreachable: 0,
  timedOut: 0,
  skipped: 0,
  aborted: 0,
  lost: 0,
})
