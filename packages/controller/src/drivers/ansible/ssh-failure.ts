// Why OpenSSH could not reach a host, from what it said.

import { type EndReason, stripTerminal, type TargetHost } from '@omserver/core'
import { type Failure, placeOf } from '../../failure.ts'
import type { Hop } from './ssh-way.ts'

const signs: readonly (readonly [RegExp, EndReason, (place: string, how: string) => string])[] = [
  [
    /host key verification failed|remote host identification has changed/i,
    'hostKeyChanged',
    (place) => `${place} shows another host key than the pinned one; nothing was sent`,
  ],
  [
    /permission denied|too many authentication failures|no more authentication methods/i,
    'authFailed',
    (place, how) => `${place} did not accept ${how}`,
  ],
  [/connection refused/i, 'refused', (place) => `${place} refused the connection`],
  [
    /no route to host|network is unreachable|cannot assign requested|permission denied \(connect/i,
    'noRoute',
    (place) => `no route to ${place}`,
  ],
  [
    /could not resolve hostname|name or service not known/i,
    'dns',
    (place) => `the name of ${place} has no address`,
  ],
  [/timed out|timeout/i, 'connectTimeout', (place) => `${place} did not answer`],
]

const lastLine = (text: string): string =>
  stripTerminal(text)
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .findLast((line) => line !== '' && !/^@+$/.test(line)) ?? ''

export const sshFailure = (
  said: string,
  host: Pick<TargetHost, 'access' | 'jumps'>,
  hops: readonly Pick<Hop, 'access' | 'login'>[],
): Failure => {
  const named = /\bom\d+j(\d+)\b/.exec(said)?.[1]
  // The first hop is the only one that ssh connects to itself; the others it reaches through the one before.
  const direct = /connect to host|could not resolve hostname/i.test(said) ? '1' : undefined
  const jump = host.jumps.length > 0 ? Number(named ?? direct ?? 0) : 0
  const at = jump > 0 ? hops[jump - 1] : hops.at(-1)
  const place = placeOf(at?.access ?? host.access)
  const found = signs.find(([sign]) => sign.test(said))
  const failure: Failure = found
    ? { reason: found[1], message: found[2](place, at?.login.how ?? 'the login') }
    : {
        reason: 'handshakeFailed',
        message:
          `the SSH handshake with ${place} failed: ${lastLine(said).replace(/\bom\d+(j\d+)?\b/g, place)}`.slice(
            0,
            400,
          ),
      }
  if (jump === 0) return failure
  return {
    reason: failure.reason === 'hostKeyChanged' ? 'hostKeyChanged' : 'jumpFailed',
    message: `jump host ${jump}: ${failure.message}`,
  }
}
