// The bus of the embedded engine: signals and calls between the parts of one process.

import { type Json, Problem } from '@omserver/core'
import type { After } from '../after.ts'
import { frameOf } from '../calls/frame.ts'
import { HELLO, helloOf, sayingWhy } from '../calls/hello.ts'
import { type IncomingCall, incomingCall, type Served } from '../calls/incoming-call.ts'
import { type OutgoingCall, outgoingCall } from '../calls/outgoing-call.ts'
import { BEAT_MS, WINDOW } from '../calls/parts.ts'
import { PROTOCOL } from '../calls/protocol-version.ts'
import type { Bus, Caller, CallFailure, Idc } from '../ports.ts'

type Listener = (data: Json) => void

export interface MemoryBus extends Bus {
  close(): void
}

/** Whoever shares a process shares its rights: all calls are those of the server that it is. */
const callerIn = (idc: Idc): Caller => ({
  ...{ kind: 'server', name: 'embedded', protocol: PROTOCOL },
  idc,
})

export const memoryBus = (
  after: After,
  onFailure: (failure: CallFailure) => void = () => undefined,
): MemoryBus => {
  const listeners = new Map<string, Set<Listener>>()
  /** In the order in which they are asked next. */
  const services = new Map<string, Served[]>()
  const outgoing = new Set<OutgoingCall>()
  const incoming = new Set<IncomingCall>()
  let calls = 0
  let closed = false

  /** Never at once, as it would not be between machines either. */
  const later = (act: () => void): void => {
    setImmediate(() => {
      if (!closed) act()
    })
  }

  const pick = (key: string, to: string | undefined): Served | undefined => {
    const all = services.get(key) ?? []
    const at = to === undefined ? 0 : all.findIndex((service) => service.self === to)
    const [picked] = at < 0 ? [] : all.splice(at, 1)
    if (picked) all.push(picked)
    return picked
  }

  const add = (served: Served): void => {
    const key = `${served.idc} ${served.method}`
    services.set(key, [...(services.get(key) ?? []), served])
  }

  const methodsOf = (idc: Idc, self: string): readonly Served[] =>
    [...services.values()].flat().filter((known) => known.idc === idc && known.self === self)

  const call: Bus['call'] = async (idc, method, argument, options = {}) => {
    if (closed) throw new Problem('ENGINE_CLOSED')
    if (options.signal?.aborted) throw new Problem('BUS_CANCELLED', { method })
    const bytes = frameOf(argument, method)
    const served = pick(`${idc} ${method}`, options.to)
    if (!served) throw new Problem('BUS_NOBODY', { idc, method })

    const caller = outgoingCall({
      ...{ idc, method, options, after, beatMs: BEAT_MS },
      control: (part) => later(() => service.receive(part)),
      onOver: () => outgoing.delete(caller),
    })
    const service = incomingCall({
      ...{ served, protocol: PROTOCOL, after, beatMs: BEAT_MS, onFailure },
      request: {
        caller: callerIn(idc),
        call: String(++calls),
        deadlineMs: options.timeoutMs,
        window: options.onItem ? WINDOW : 0,
        argument: bytes,
      },
      reply: (part) => later(() => caller.receive(part, served.self)),
      onOver: () => incoming.delete(service),
    })
    outgoing.add(caller)
    incoming.add(service)
    later(service.start)
    return caller.answered
  }

  return {
    emit(idc, topic, data) {
      const key = `${idc} ${topic}`
      later(() => {
        for (const listener of [...(listeners.get(key) ?? [])]) listener(data)
      })
    },

    async on(idc, topic, listener) {
      const key = `${idc} ${topic}`
      const own: Listener = (data) => listener(data)
      const all = listeners.get(key) ?? new Set()
      listeners.set(key, all.add(own))
      return async () => {
        all.delete(own)
      }
    },

    call: sayingWhy(call, PROTOCOL),

    async serve(idc, method, service, handler) {
      const { self } = service
      if (methodsOf(idc, self).length === 0) {
        const methods = () => methodsOf(idc, self).filter((known) => known.method !== HELLO)
        add(helloOf(idc, self, PROTOCOL, methods))
      }
      const served: Served = { ...service, idc, method, handler }
      add(served)
      return async () => {
        const key = `${idc} ${method}`
        services.set(
          key,
          (services.get(key) ?? []).filter((other) => other !== served),
        )
      }
    },

    close() {
      closed = true
      listeners.clear()
      services.clear()
      const problem = new Problem('ENGINE_CLOSED')
      for (const one of [...incoming, ...outgoing]) one.fail(problem)
    },
  }
}
