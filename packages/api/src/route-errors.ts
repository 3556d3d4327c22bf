// Which errors a route may answer: what it declares, and what any route of its kind may answer besides.

import type { Route } from './route.ts'

/** Of the server itself: they may come at any moment, whatever was asked for. */
const ofServer = [
  'DISK_FULL',
  'DB_UNWRITABLE',
  'DB_DAMAGED',
  'DB_UNREACHABLE',
  'DB_DENIED',
  'DB_BUSY',
  'DB_CHANGED',
  'NOBODY_DRIVES',
  'NOT_DRIVING',
  'ANSWER_LOST',
  'SEAL_BROKEN',
  'ENGINE_CLOSED',
  'INTERNAL',
]

const ofRequest = (route: Route): readonly string[] => [
  ...(route.may === 'public'
    ? []
    : ['NOT_SIGNED_IN', 'SESSION_EXPIRED', 'TOKEN_BAD', 'USER_DISABLED']),
  ...(route.may === 'public' || route.may === 'signedIn'
    ? []
    : ['FORBIDDEN', 'MUST_CHANGE_PASSWORD']),
  ...(route.method === 'GET' ? [] : ['CSRF']),
  ...(route.params || route.query || route.body ? ['INPUT_INVALID'] : []),
  ...(route.body ? ['BODY_TOO_LARGE', 'MEDIA_TYPE'] : []),
  ...(route.bodyKind === 'stream' ? ['STREAM_TYPE'] : []),
]

/** Codes of the error table, each once. */
export const errorsOfRoute = (route: Route): readonly string[] => [
  ...new Set([...(route.errors ?? []), ...ofRequest(route), ...ofServer]),
]
