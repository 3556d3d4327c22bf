// Ends of hosts to which nothing could be sent.

import type { HostEnd } from '@omserver/core'
import type { Failure } from '../../failure.ts'

export const nothingSent: HostEnd = {
  state: 'lost',
  leftRunning: 'no',
  message: 'stopped before anything was sent',
}

export const refusesSessions: HostEnd = {
  state: 'unreachable',
  reason: 'handshakeFailed',
  message: 'the host refuses to open a session (MaxSessions)',
}

export const closesAlways: HostEnd = {
  state: 'unreachable',
  reason: 'handshakeFailed',
  message: 'the host closes every connection before a command can be sent',
}

export const unreachable = ({ reason, message }: Failure): HostEnd => ({
  state: 'unreachable',
  reason,
  message: message.slice(0, 500),
})
