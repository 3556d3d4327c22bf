// Ends a command on its host over the connection that Ansible uses, and says truly whether it is gone.

import type { LeftRunning, RunAs } from '@omserver/core'
import { commandLine } from '../../any-shell.ts'
import { randomToken } from '../../random-token.ts'
import { wrapRunAs } from '../../run-as.ts'
import { readStop, stopProgram } from '../../stop-program.ts'
import type { Reached } from './reach.ts'
import type { Stage } from './stage.ts'

const DEADLINE_MS = 1_400

/** Looks as the account that the command runs as: another's processes cannot be seen or signalled. */
export const stopLeaf = async (
  { launcher, reach }: Stage,
  { way }: Reached,
  of: { readonly task: string; readonly runAs?: RunAs; readonly password?: string },
): Promise<LeftRunning | 'none'> => {
  const { runAs, password, task } = of
  const { argv } = wrapRunAs(stopProgram(task), runAs, {
    // There is no terminal here: su then reads its password from standard input, as sudo does.
    hasPassword: runAs?.method === 'sudo' && password !== undefined,
    token: randomToken(),
  })
  const input = runAs && password !== undefined ? `${password}\n` : undefined
  const line = commandLine(argv, input === undefined ? 'none' : 'given')
  const ended = await launcher.run(
    {
      argv: way ? ['ssh', ...way.args, '--', way.address, line] : ['/bin/sh', '-c', line],
      env: reach.sshEnv,
      ...(input === undefined ? {} : { input }),
    },
    AbortSignal.timeout(DEADLINE_MS),
  )
  return readStop(ended.out)
}
