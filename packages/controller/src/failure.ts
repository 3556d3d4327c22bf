// Why a host could not be reached, as a reason and a sentence for people.

import { type Access, type EndReason, stripTerminal } from '@omserver/core'

export interface Failure {
  readonly reason: EndReason
  /** One line, no secret. */
  readonly message: string
  /** The server turned us away before it said a word: it may be busy, and nothing was sent. */
  readonly busy?: true
  /** It concerns a jump host, and says which. */
  readonly jump?: true
}

export type Stage = 'connecting' | 'connected' | 'greeted' | 'exchanged'

export const placeOf = (access: Pick<Access, 'address' | 'port'>): string =>
  access.address.includes(':')
    ? `[${access.address}]:${access.port}`
    : `${access.address}:${access.port}`

export const codeOf = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : ''

const levelOf = (error: Error): string =>
  'level' in error && typeof error.level === 'string' ? error.level : ''

/** A server's words are hostile input. */
export const oneLine = (text: string): string =>
  stripTerminal(text).replace(/\s+/g, ' ').trim().slice(0, 300)

/** What says that nothing was reached at all; undefined: the error says something else. */
export const unreachedBy = (error: Error, place: string): Failure | undefined => {
  switch (codeOf(error)) {
    case 'ECONNREFUSED':
      return { reason: 'refused', message: `${place} refused the connection` }
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
    case 'EHOSTDOWN':
    case 'ENETDOWN':
    case 'EINVAL':
    case 'EACCES':
    case 'EPERM':
      return { reason: 'noRoute', message: `no route to ${place}` }
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
    case 'EAI_NODATA':
    case 'EAI_NONAME':
      return { reason: 'dns', message: `the name of ${place} has no address` }
    default:
      return undefined
  }
}

/** @param at.login how we tried to log in, for example `the key of user ops` */
export const failureOf = (
  error: Error,
  at: { readonly place: string; readonly stage: Stage; readonly login: string },
): Failure => {
  const { place, stage, login } = at
  const unreached = unreachedBy(error, place)
  if (unreached) return unreached
  switch (codeOf(error)) {
    case 'ETIMEDOUT':
      return { reason: 'connectTimeout', message: `${place} did not answer` }
    case 'EMFILE':
    case 'ENFILE':
      return {
        reason: 'handshakeFailed',
        message: 'this controller has no file descriptors left for another connection',
      }
  }
  if (levelOf(error) === 'client-authentication') {
    return { reason: 'authFailed', message: `${place} did not accept ${login}` }
  }
  if (stage === 'connected') {
    return {
      reason: 'handshakeFailed',
      message: `${place} closed the connection without an SSH greeting`,
      busy: true,
    }
  }
  return {
    reason: 'handshakeFailed',
    message: `the SSH handshake with ${place} failed: ${oneLine(error.message)}`,
  }
}

export const timeoutFailure = (place: string, stage: Stage, afterMs: number): Failure => {
  const seconds = `${afterMs / 1000} s`
  const what: Record<Stage, string> = {
    connecting: `${place} did not answer within ${seconds}`,
    connected: `${place} accepted the connection but sent no SSH greeting within ${seconds}`,
    greeted: `${place} did not finish the SSH handshake within ${seconds}`,
    exchanged: `${place} did not finish the login within ${seconds}`,
  }
  return { reason: 'connectTimeout', message: what[stage] }
}

/** A failure on the nth hop before the host itself. A changed key keeps its reason: so is its remedy everywhere. */
export const ofJump = (failure: Failure, nth: number): Failure =>
  failure.jump
    ? failure
    : {
        reason: failure.reason === 'hostKeyChanged' ? 'hostKeyChanged' : 'jumpFailed',
        message: `jump host ${nth}: ${failure.message}`,
        jump: true,
      }
