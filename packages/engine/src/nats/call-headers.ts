// What stands in the headers of calls, beside their subjects and their JSON. docs/protocol.md has the table.

import { headers, type MsgHdrs } from '@nats-io/transport-node'
import type { AnswerPart, ControlPart } from '../calls/parts.ts'
import { FIRST_PROTOCOL } from '../calls/protocol-version.ts'

const PROTOCOL = 'Om-Protocol'
const DEADLINE = 'Om-Deadline-Ms'
const WINDOW = 'Om-Window'
const ALIVE = 'Om-Alive'
const ITEM = 'Om-Item'
const ITEMS = 'Om-Items'
const PROBLEM = 'Om-Problem'
const UPTO = 'Om-Upto'
const CANCEL = 'Om-Cancel'

const marked = (marks: Readonly<Record<string, string | number>>): MsgHdrs => {
  const all = headers()
  for (const [name, value] of Object.entries(marks)) all.set(name, String(value))
  return all
}

/** A whole number that is not negative; undefined for anything else. */
const numberIn = (all: MsgHdrs | undefined, name: string): number | undefined => {
  const text = all?.get(name) ?? ''
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

interface RequestHead {
  readonly protocol: number
  readonly deadlineMs: number | undefined
  readonly window: number
}

export const requestHeaders = (head: RequestHead): MsgHdrs =>
  marked({
    [PROTOCOL]: head.protocol,
    ...(head.deadlineMs === undefined ? {} : { [DEADLINE]: Math.ceil(head.deadlineMs) }),
    ...(head.window === 0 ? {} : { [WINDOW]: head.window }),
  })

export const requestHeadIn = (all: MsgHdrs | undefined): RequestHead => ({
  protocol: numberIn(all, PROTOCOL) ?? FIRST_PROTOCOL,
  deadlineMs: numberIn(all, DEADLINE),
  window: numberIn(all, WINDOW) ?? 0,
})

export const answerHeaders = (part: AnswerPart): MsgHdrs => {
  switch (part.kind) {
    case 'alive':
      return marked({ [ALIVE]: 1 })
    case 'item':
      return marked({ [ITEM]: part.n })
    case 'end':
      return marked({ [ITEMS]: part.items })
    case 'problem':
      return marked({ [ITEMS]: part.items, [PROBLEM]: part.code })
  }
}

export const answerPartIn = (all: MsgHdrs | undefined, bytes: Uint8Array): AnswerPart => {
  const n = numberIn(all, ITEM)
  if (n !== undefined) return { kind: 'item', n, bytes }
  if (all?.has(ALIVE)) return { kind: 'alive' }
  const items = numberIn(all, ITEMS) ?? 0
  const code = all?.get(PROBLEM)
  return code ? { kind: 'problem', items, code, bytes } : { kind: 'end', items, bytes }
}

export const controlHeaders = (part: ControlPart): MsgHdrs =>
  part.kind === 'cancel' ? marked({ [CANCEL]: 1 }) : marked({ [UPTO]: part.upto })

export const controlPartIn = (all: MsgHdrs | undefined): ControlPart =>
  all?.has(CANCEL) ? { kind: 'cancel' } : { kind: 'upto', upto: numberIn(all, UPTO) ?? 0 }
