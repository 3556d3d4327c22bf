// Calls that go out from here, and what comes back to them.

import { errors, type Msg } from '@nats-io/transport-node'
import { Problem } from '@omserver/core'
import type { After } from '../after.ts'
import { frameOf } from '../calls/frame.ts'
import { sayingWhy } from '../calls/hello.ts'
import { type OutgoingCall, outgoingCall } from '../calls/outgoing-call.ts'
import { deadlineOf, WINDOW } from '../calls/parts.ts'
import type { Bus, CallerKind, Idc } from '../ports.ts'
import { answerPartIn, controlHeaders, requestHeaders } from './call-headers.ts'
import type { Line } from './line.ts'
import { fromToken, type Names, toToken } from './names.ts'
import { packFrame, unpackFrame } from './payload.ts'

const NO_RESPONDERS = 503

interface Pending {
  readonly call: OutgoingCall
  /** Where it was sent to. */
  readonly subject: string
  nobody(): void
  notAllowed(): void
}

export interface CallsOut {
  readonly call: Bus['call']
  close(): void
}

export const callsOut = (parts: {
  readonly line: Line
  readonly names: Names
  readonly after: After
  readonly beatMs: number
  readonly protocol: number
  readonly kind: CallerKind
  readonly name: string
  readonly newId: () => string
}): CallsOut => {
  const { line, names, after, beatMs, protocol, kind, name } = parts
  const { nc } = line
  /** Two processes may have one identity: what the one is told is not for the other. */
  const own = `${kind}.${toToken(name)}.${toToken(parts.newId())}`
  const pending = new Map<string, Pending>()
  const listening = new Set<Idc>()
  let calls = 0

  const publish = (...message: Parameters<typeof nc.publish>): void => {
    if (!nc.isClosed() && line.isUp()) nc.publish(...message)
  }

  const take = (message: Msg): void => {
    const [, , , , peer = '', , , , call = ''] = message.subject.split('.')
    const waiting = pending.get(call)
    if (!waiting) return
    if (message.headers?.code === NO_RESPONDERS) waiting.nobody()
    else {
      const part = answerPartIn(message.headers, unpackFrame(message.data))
      waiting.call.receive(part, fromToken(peer))
    }
  }

  const listen = (idc: Idc): void => {
    if (listening.has(idc)) return
    listening.add(idc)
    nc.subscribe(names.answers(idc, own), {
      callback(error, message) {
        if (!error) take(message)
      },
    })
  }

  // nats-server says it of a subject, some time after something was published there.
  const hearRefusals = async (): Promise<void> => {
    for await (const status of nc.status()) {
      if (status.type !== 'error') continue
      const { error } = status
      if (!(error instanceof errors.PermissionViolationError)) continue
      for (const waiting of [...pending.values()]) {
        if (waiting.subject === error.subject) waiting.notAllowed()
      }
    }
  }
  void hearRefusals()

  const call: Bus['call'] = async (idc, method, argument, options = {}) => {
    if (line.closed.aborted) throw new Problem('ENGINE_CLOSED')
    const { to, signal, onItem, timeoutMs } = options
    if (signal?.aborted) throw new Problem('BUS_CANCELLED', { method })
    const payload = packFrame(frameOf(argument, method))
    if (!line.isUp()) throw new Problem('BUS_GONE', { idc, method, peer: to ?? '?' })
    listen(idc)
    const id = (++calls).toString(36)
    const address = `${own}.${id}`
    const subject = names.call(idc, to, method, address)
    const made = outgoingCall({
      ...{ idc, method, options, after, beatMs },
      control: (part, peer) =>
        publish(names.control(idc, peer, address), undefined, { headers: controlHeaders(part) }),
      onOver: () => pending.delete(id),
    })
    pending.set(id, {
      call: made,
      subject,
      nobody: () => made.fail(new Problem('BUS_NOBODY', { idc, method })),
      notAllowed: () => made.fail(new Problem('NOT_ALLOWED', { method, kind, name })),
    })
    nc.publish(subject, payload, {
      // For nats-server, should nobody be there; who answers knows better where to.
      reply: names.answer(idc, '', address),
      headers: requestHeaders({
        ...{ protocol, deadlineMs: deadlineOf(timeoutMs) },
        window: onItem ? WINDOW : 0,
      }),
    })
    return made.answered
  }

  return {
    call: sayingWhy(call, protocol),
    close() {
      for (const { call: made } of [...pending.values()]) made.fail(new Problem('ENGINE_CLOSED'))
    },
  }
}
