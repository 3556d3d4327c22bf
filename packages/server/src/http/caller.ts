// Who calls, as far as the connection tells. Another server of ours that hands a request on says where it came from,
// and is believed once it has been proven.

import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import type { Caller } from './identity.ts'

const handedOn = new WeakMap<IncomingMessage, string>()

export const handedOnFrom = (request: IncomingMessage, address: string): void => {
  handedOn.set(request, address)
}

export const callerOf = ({ headers, raw, ip }: FastifyRequest): Caller => ({
  headers,
  ip: handedOn.get(raw) ?? ip,
})
