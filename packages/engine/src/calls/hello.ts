// Who is there, and what it serves: asked when nobody serves a method, so that the caller learns which of both it is.

import { type Json, Problem } from '@omserver/core'
import type { Bus, Handler, Idc } from '../ports.ts'
import type { Served } from './incoming-call.ts'
import { RemoteProblem } from './remote-problem.ts'

/** Answered by whoever serves anything. */
export const HELLO = 'hello'

const HELLO_WITHIN_MS = 2_000

/** `methods`: those that the caller may call by its kind. */
export const helloOf = (
  idc: Idc,
  self: string,
  protocol: number,
  methods: () => readonly Served[],
): Served => {
  const handler: Handler = async (_, { caller }) => ({
    name: self,
    protocol,
    methods: methods()
      .filter(({ callers }) => callers.includes(caller.kind))
      .map(({ method }) => method)
      .toSorted(),
  })
  return { idc, method: HELLO, self, callers: ['server', 'controller', 'client'], handler }
}

const foundHere = (error: unknown, codes: readonly string[]): boolean =>
  error instanceof Problem && !(error instanceof RemoteProblem) && codes.includes(error.code)

const fieldOf = (value: Json, name: string): Json =>
  (value as { readonly [key: string]: Json } | null)?.[name] ?? null

/** `call`, but where somebody is there who does not have the method it rejects with METHOD_UNKNOWN. */
export const sayingWhy =
  (call: Bus['call'], ours: number): Bus['call'] =>
  async (idc, method, argument, options = {}) => {
    try {
      return await call(idc, method, argument, options)
    } catch (error) {
      if (method === HELLO || !foundHere(error, ['BUS_NOBODY'])) throw error
      const { to, signal, timeoutMs = HELLO_WITHIN_MS } = options
      const asked = { to, signal, timeoutMs: Math.min(timeoutMs, HELLO_WITHIN_MS) }
      const hello = await call(idc, HELLO, null, asked).catch((unheard: unknown) => {
        throw foundHere(unheard, ['BUS_NOBODY', 'BUS_TIMEOUT', 'BUS_GONE']) ? error : unheard
      })
      const [peer, theirs] = [fieldOf(hello, 'name'), fieldOf(hello, 'protocol')]
      throw new Problem('METHOD_UNKNOWN', { idc, method, peer, theirs, ours })
    }
  }
