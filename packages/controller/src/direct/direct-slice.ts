// A slice of a run that a client began, as its letter and the book of the IDC have it.

import {
  canDetach,
  cutDirect,
  type DirectSlice,
  defaultCaps,
  detachmentOf,
  type Slice,
  targetIn,
} from '@omserver/core'
import type { OpenedBook } from '@omserver/engine'
import type { CheckedRun } from './checked-run.ts'

const CONNECT_TIMEOUT_MS = 10_000

export const slicesOf = (run: CheckedRun): readonly Slice[] =>
  cutDirect(run.submission).map((cut) => sliceOf(run, cut))

const sliceOf = (
  { submission, hosts, mask }: CheckedRun,
  { sliceId, driver, concurrency, positions }: DirectSlice,
): Slice => {
  const { runId, idc, action, check, strategy } = submission
  const detached = canDetach(driver) && detachmentOf(action, strategy, check).detached
  return {
    sliceId,
    runId,
    idc,
    driver,
    batch: 0,
    attempt: 1,
    action,
    check,
    hosts: positions.flatMap((position) => {
      const host = hosts[position]
      return host ? [targetIn(host)] : []
    }),
    concurrency,
    hostTimeoutMs: strategy.hostTimeoutMs,
    ...(detached ? { detached: true } : {}),
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    caps: defaultCaps,
    mask,
  }
}

/** The logins of its hosts, and of the way to them, out of the book. */
export const secretsOf = (slice: Slice, { secrets }: OpenedBook): OpenedBook['secrets'] => {
  const ids = slice.hosts.flatMap(({ access, jumps }) =>
    [access, ...jumps].flatMap(({ credentialId }) => credentialId ?? []),
  )
  const logins = [...new Set(ids)].flatMap((id) => {
    const login = secrets.logins[id]
    return login ? [[id, login] as const] : []
  })
  return { values: {}, logins: Object.fromEntries(logins) }
}
