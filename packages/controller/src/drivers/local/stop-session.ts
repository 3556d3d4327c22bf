// Ends everything a program started on this machine, within the time a driver has for it.

import type { LeftRunning, RunAs } from '@omserver/core'
import { wrapRunAs } from '../../run-as.ts'
import { readStop, stopProgram } from '../../stop-program.ts'
import { type Session, startSession } from './session.ts'

/** A driver has 2 s from its signal to its end. */
const DEADLINE_MS = 1_700

export interface StopOptions {
  readonly session: Session
  readonly task: string
  readonly runAs?: RunAs
  readonly password?: string
  readonly newToken: () => string
}

/** What is left of it is sought as the account it runs as: another's processes cannot be seen or signalled. */
const stopAsAccount = async (options: StopOptions): Promise<LeftRunning | 'none'> => {
  const { task, runAs, password, newToken } = options
  const said: Buffer[] = []
  const stopper = startSession({
    wrapped: wrapRunAs(stopProgram(task), runAs, {
      hasPassword: runAs?.method === 'sudo' && password !== undefined,
      token: newToken(),
    }),
    program: { text: '' },
    password,
    onOutput: (_stream, bytes) => {
      said.push(bytes)
      return undefined
    },
  })
  await stopper.end
  return readStop(Buffer.concat(said).toString('latin1'))
}

export const stopSession = async (options: StopOptions): Promise<LeftRunning> => {
  const deadline = Promise.withResolvers<'unknown'>()
  const timer = setTimeout(() => deadline.resolve('unknown'), DEADLINE_MS)
  const left = await Promise.race([stopAsAccount(options), deadline.promise])
  // What was ended closes its streams; what was not is not waited for.
  const ended = await Promise.race([options.session.end, deadline.promise])
  clearTimeout(timer)
  if (ended === 'unknown') options.session.drop()
  if (left !== 'none') return left
  return ended === 'unknown' ? 'unknown' : 'no'
}
