// Calls that are answered here.

import type { Msg } from '@nats-io/transport-node'
import { Problem } from '@omserver/core'
import type { After } from '../after.ts'
import { HELLO, helloOf } from '../calls/hello.ts'
import { type IncomingCall, incomingCall, type Served } from '../calls/incoming-call.ts'
import type { AnswerPart } from '../calls/parts.ts'
import type { Bus, CallerKind, CallFailure, Idc, Stop } from '../ports.ts'
import { answerHeaders, controlPartIn, requestHeadIn } from './call-headers.ts'
import type { Line } from './line.ts'
import { addressOf, fromToken, type Names } from './names.ts'
import { packFrame, unpackFrame } from './payload.ts'

const GROUP = 'controllers'

const kinds: readonly CallerKind[] = ['server', 'controller', 'client']

export interface CallsIn {
  readonly serve: Bus['serve']
  close(): void
}

export const callsIn = (parts: {
  readonly line: Line
  readonly names: Names
  readonly after: After
  readonly beatMs: number
  readonly protocol: number
  readonly onFailure: (failure: CallFailure) => void
  /** Throws ENGINE_CLOSED. */
  readonly subscribe: (subject: string, on: (message: Msg) => void, queue?: string) => Stop
  /** When the server knows of every subscription. */
  readonly flushed: () => Promise<void>
}): CallsIn => {
  const { line, names, after, beatMs, protocol, onFailure, subscribe } = parts
  const { nc } = line
  /** By the address to which it is answered, which contains who calls: nobody else can end it. */
  const answering = new Map<string, IncomingCall>()
  const known = new Set<string>()
  const all = new Set<Served>()

  const hearControls = (idc: Idc, self: string): void => {
    const subject = names.controls(idc, self)
    if (known.has(subject)) return
    known.add(subject)
    subscribe(subject, (message) => {
      answering.get(addressOf(message.subject))?.receive(controlPartIn(message.headers))
    })
  }

  const replyTo = (served: Served, address: string) => (part: AnswerPart) => {
    if (nc.isClosed() || !line.isUp()) {
      // Whether it would arrive is unknown; what is missing the caller will find out.
      if (part.kind !== 'item') return
      const { idc, method } = served
      throw new Problem('BUS_GONE', { idc, method, peer: 'nats-server' })
    }
    nc.publish(
      names.answer(served.idc, served.self, address),
      part.kind === 'alive' ? undefined : packFrame(part.bytes),
      { headers: answerHeaders(part) },
    )
  }

  const take = (served: Served, message: Msg): void => {
    const address = addressOf(message.subject)
    const [caller = '', name = '', line_ = '', id = ''] = address.split('.')
    const kind = kinds.find((one) => one === caller)
    if (!kind || id === '' || answering.has(address)) return
    const head = requestHeadIn(message.headers)
    const call = incomingCall({
      ...{ served, protocol, after, beatMs, onFailure },
      request: {
        caller: { kind, idc: served.idc, name: fromToken(name), protocol: head.protocol },
        call: `${line_}.${id}`,
        deadlineMs: head.deadlineMs,
        window: head.window,
        argument: unpackFrame(message.data),
      },
      reply: replyTo(served, address),
      onOver: () => answering.delete(address),
    })
    answering.set(address, call)
    call.start()
  }

  const open = (served: Served): readonly Stop[] => {
    const { idc, method, self } = served
    const on = (message: Msg): void => take(served, message)
    return [
      subscribe(names.calls(idc, undefined, method), on, GROUP),
      subscribe(names.calls(idc, self, method), on),
    ]
  }

  const introduce = (idc: Idc, self: string): void => {
    const mark = `${HELLO} ${idc} ${self}`
    if (known.has(mark)) return
    known.add(mark)
    hearControls(idc, '')
    hearControls(idc, self)
    const methods = () => [...all].filter((one) => one.idc === idc && one.self === self)
    open(helloOf(idc, self, protocol, methods))
  }

  return {
    async serve(idc, method, service, handler) {
      if (service.self === '') throw new RangeError('who serves has a name')
      introduce(idc, service.self)
      const served: Served = { ...service, idc, method, handler }
      const stops = open(served)
      all.add(served)
      await parts.flushed()
      return async () => {
        all.delete(served)
        await Promise.all(stops.map((stop) => stop()))
      }
    },
    close() {
      for (const call of [...answering.values()]) call.fail(new Problem('ENGINE_CLOSED'))
    },
  }
}
