// A leaf's program as one command for Ansible's connection, and its end from what came back.

import { constants } from 'node:os'
import { type HostEnd, type HostLeaf, quote } from '@omserver/core'
import { commandLine } from '../../any-shell.ts'
import { type HostProgram, programEnd, signalEnd } from '../../host-program.ts'
import type { Answer } from './leaf-gate.ts'

/**
 * Says on stderr, at the very end, how the program ended: ssh itself ends with 255 when a connection fails, and Ansible
 * takes every 255 for that. What a shell has to say of a signal is not the program's.
 */
const outer = `exec 3>&2 2>/dev/null; /bin/sh -c "$1" 2>&3 3>&-; s=$?; printf '\\n%s %s\\n' "$2" "$s" >&3; exit 0`

export const leafCommand = (program: HostProgram, token: string): string =>
  commandLine(
    ['/bin/sh', '-c', outer, 'sh', program.text, token],
    // Without a byte to give, Ansible gives a terminal, whose end never comes.
    program.stdin?.length ? 'given' : 'none',
  )

/** With the account's command before it, and everything in quotes once more. */
export const bytesOnLine = (command: string, become: boolean): number =>
  Buffer.byteLength(become ? quote(command) : command)

const trailerBytes = (token: string): number => token.length + 8

/** Holds back the end of stderr until it is known whether it is ours. */
export const createTrailer = (token: string) => {
  const room = trailerBytes(token)
  let held: Buffer = Buffer.alloc(0)
  return {
    /** What of it is surely the program's. */
    push(bytes: Buffer): Buffer {
      const all = Buffer.concat([held, bytes])
      const sure = Math.max(0, all.length - room)
      held = all.subarray(sure)
      return all.subarray(0, sure)
    },
    end(): { readonly rest: Buffer; readonly exit?: number } {
      const at = held.lastIndexOf(`\n${token} `)
      const exit =
        at < 0 ? undefined : /^\n\S+ (\d{1,3})\n$/.exec(held.subarray(at).toString())?.[1]
      return exit === undefined
        ? { rest: held }
        : { rest: held.subarray(0, at), exit: Number(exit) }
    },
  }
}

/** A shell says 128 + n of a program that signal n ended. */
const signalOf = (exit: number): string | undefined =>
  Object.entries(constants.signals).find(([, number]) => number === exit - 128)?.[0]

export const leafEnd = (action: HostLeaf, exit: number, lastWords: string | undefined): HostEnd => {
  const end = programEnd(action, exit, lastWords)
  const signal = end.state === 'ok' || action.kind === 'copy' ? undefined : signalOf(exit)
  if (signal === undefined) return end
  return endsByDisconnect(action) ? { state: 'ok' } : signalEnd(signal)
}

const endsByDisconnect = (action: HostLeaf): boolean =>
  action.kind === 'shell' && action.endsBy === 'disconnect'

/** It did not say how it ended. */
export const brokenEnd = (
  action: HostLeaf,
  answer: Answer | undefined,
  lastWords: string | undefined,
): HostEnd => {
  const refused = (message: string): HostEnd => ({
    state: 'failed',
    reason: 'runAsRefused',
    message: message.slice(0, 500),
  })
  if (answer?.kind === 'barred') return refused(answer.message)
  if (answer?.kind === 'code' && action.runAs) {
    const { method, user } = action.runAs
    return refused(lastWords ?? `${method} did not let us become ${user}`)
  }
  if (endsByDisconnect(action)) return { state: 'ok' }
  return {
    state: 'lost',
    reason: 'connectionCut',
    message: 'the connection ended before the command did',
    leftRunning: 'unknown',
  }
}
