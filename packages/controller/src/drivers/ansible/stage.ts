// What a play stands on: its folder, its keys, its process, and its hosts with what has become of them.

import { cpus, homedir, userInfo } from 'node:os'
import { dirname } from 'node:path'
import type { HostEnd, Secrets } from '@omserver/core'
import type { Member, WorkTogether } from '../../driver.ts'
import type { Failure } from '../../failure.ts'
import { createGateKeeper, type GateKeeper } from '../../gate-keeper.ts'
import { type Box, openBox } from './box.ts'
import { emptyConfig, type Installation } from './installation.ts'
import { type KeyAgent, startKeyAgent } from './key-agent.ts'
import { type Launcher, startLauncher } from './launcher.ts'
import type { ReachParts } from './reach.ts'

/** A member until it has ended. */
export interface Seat {
  readonly member: Member
  /** Within the play, from 0. */
  readonly nth: number
  isOver(): boolean
  end(end: HostEnd): void
}

export interface Stage {
  readonly seats: readonly Seat[]
  readonly box: Box
  readonly launcher: Launcher
  readonly reach: ReachParts
  /** For Ansible. */
  readonly env: Readonly<Record<string, string>>
  /** All have ended: what still runs is of no use. */
  readonly over: AbortSignal
}

/** Starting a Python costs a second of a processor: so many at once, the others wait. */
export const startKeeper = (): GateKeeper => createGateKeeper(Math.max(2, cpus().length * 2))

const python = (name: string): string => new URL(`python/${name}`, import.meta.url).pathname

export const nothingSent: HostEnd = {
  state: 'lost',
  leftRunning: 'no',
  message: 'stopped before anything was sent',
}

export const failed = (message: string, reason: HostEnd['reason'] = 'driverError'): HostEnd => ({
  state: 'failed',
  reason,
  message: message.slice(0, 500),
})

export const unreachable = ({ reason, message }: Failure): HostEnd => ({
  state: 'unreachable',
  reason,
  message: message.slice(0, 500),
})

export const seatsOf = (
  members: readonly Member[],
): { readonly seats: readonly Seat[]; readonly over: AbortSignal } => {
  const done = new AbortController()
  let left = members.length
  if (left === 0) done.abort()
  const seats = members.map((member, nth): Seat => {
    let over = false
    return {
      member,
      nth,
      isOver: () => over,
      end(end) {
        if (over) return
        over = true
        member.end(end)
        if (--left === 0) done.abort()
      },
    }
  })
  return { seats, over: done.signal }
}

export interface StageOptions {
  readonly secrets: Secrets
  readonly agentSocket?: string
  readonly installation: Installation
}

/** Runs `play` on a stage, and clears it away whatever happens. */
export const onStage = async (
  work: WorkTogether,
  { seats, over }: ReturnType<typeof seatsOf>,
  options: StageOptions,
  play: (stage: Stage) => Promise<void>,
): Promise<void> => {
  const { installation } = options
  const box = await openBox()
  let agent: KeyAgent | undefined
  let launcher: Launcher | undefined
  try {
    agent = await startKeyAgent(box.at('agent'))
    launcher = startLauncher(installation.python, box.folder)
    const base = {
      PATH: `${dirname(installation.playbook)}:${process.env.PATH ?? '/usr/bin:/bin'}`,
      HOME: homedir(),
      USER: userInfo().username,
      LOGNAME: userInfo().username,
      LANG: 'C.UTF-8',
      LC_ALL: 'C.UTF-8',
      // What ssh asks is answered here, also when Ansible has to connect once more.
      SSH_ASKPASS: python('askpass.sh'),
      SSH_ASKPASS_REQUIRE: 'force',
      OM_BOX: box.folder,
    }
    const { connectTimeoutMs } = work
    await play({
      seats,
      over,
      box,
      launcher,
      reach: { ...options, box, agent, launcher, connectTimeoutMs, sshEnv: base },
      env: {
        ...base,
        PYTHONDONTWRITEBYTECODE: '1',
        OM_EVENTS_FD: '3',
        ANSIBLE_CONFIG: emptyConfig,
        ANSIBLE_HOME: box.at('home'),
        ANSIBLE_LOCAL_TEMP: box.at('tmp'),
        ANSIBLE_CALLBACK_PLUGINS: python('callback'),
        ANSIBLE_CALLBACKS_ENABLED: 'om_events',
        ANSIBLE_STDOUT_CALLBACK: 'default',
        ANSIBLE_ACTION_PLUGINS: python('action'),
        ANSIBLE_INVENTORY_ENABLED: 'yaml',
        ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED: 'True',
        ANSIBLE_PIPELINING: 'True',
        ANSIBLE_PYTHON_INTERPRETER: 'auto_silent',
        ANSIBLE_RETRY_FILES_ENABLED: 'False',
        ANSIBLE_NOCOLOR: '1',
        ANSIBLE_NOCOWS: '1',
        ANSIBLE_TIMEOUT: String(Math.max(1, Math.ceil(connectTimeoutMs / 1000))),
      },
    })
    await (over.aborted && seats.some(({ member }) => member.signal.aborted)
      ? launcher.stop(0)
      : launcher.finish())
  } finally {
    await launcher?.stop(0)
    agent?.close()
    await box.remove()
  }
}
