// A certmaster, a funcd and a driver that reaches it, for the tests of this folder; and what is asked of them.

import { createServer, type Socket } from 'node:net'
import type { CallAction, Json, TargetHost } from '@omserver/core'
import { onTestFinished } from 'vitest'
import {
  type TestCertmaster,
  testCertmaster,
} from '../../../../../../e2e/support/func/certificates.ts'
import {
  type Funcd,
  type FuncdOptions,
  startFuncd,
} from '../../../../../../e2e/support/func/funcd.ts'
import { type Carried, type CarryOptions, carry } from '../../conformance/case-kit.ts'
import { type FuncRig, funcRig } from './func-rig.ts'

export interface FuncLab {
  readonly master: TestCertmaster
  /** Of the host `m1`. */
  readonly funcd: Funcd
  readonly rig: FuncRig
  /** One more, until the test has ended. */
  another(options?: Partial<FuncdOptions>): Promise<Funcd>
  close(): Promise<void>
}

export const openFuncLab = async (): Promise<FuncLab> => {
  const master = testCertmaster()
  const pairOf = () => master.issue('m1', { alternative: 'DNS:m1' })
  const funcd = await startFuncd({ ca: master.ca, pair: pairOf() })
  return {
    master,
    funcd,
    rig: funcRig(master.ca, master.pair),
    async another(options = {}) {
      const started = await startFuncd({
        ca: master.ca,
        ...options,
        pair: options.pair ?? pairOf(),
      })
      onTestFinished(() => started.stop())
      return started
    },
    async close() {
      await funcd.stop()
      master.close()
    },
  }
}

export const call = (name: string, ...args: Json[]): CallAction => ({
  kind: 'call',
  function: name,
  args,
})

export const on = (
  one: FuncRig,
  host: TargetHost,
  action: Parameters<typeof carry>[1],
  options: CarryOptions = {},
): Promise<Carried> =>
  carry({ driver: one.driver, host, secret: one.secret }, action, { ...options, host })

/** A port of the loopback, until the test has ended. */
export const listen = async (onSocket: (socket: Socket) => void): Promise<number> => {
  const server = createServer(onSocket).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const bound = server.address()
  return typeof bound === 'object' && bound !== null ? bound.port : 0
}
