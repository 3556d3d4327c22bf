// What may be done to an installation, one thing each, and how it is undone.

import { writeFileSync } from 'node:fs'
import type { Installation, Machine } from './installation.ts'

export interface Fault {
  readonly name: string
  /** Faults of one part do not overlap: what is down cannot be killed. */
  readonly part: string
  /** Whose commands may end with nobody knowing how; absent: nobody's. */
  readonly loses?: 'all' | Machine
  strike(): Promise<void>
  mend(): Promise<void>
}

const killed = (machine: Machine): Fault => ({
  name: `${machine.name} killed`,
  part: machine.name,
  loses: machine,
  strike: () => machine.kill(),
  mend: () => machine.start(),
})

const frozen = (machine: Machine): Fault => {
  let pid = -1
  return {
    name: `${machine.name} frozen`,
    part: machine.name,
    loses: machine,
    async strike() {
      pid = machine.pid()
      process.kill(pid, 'SIGSTOP')
    },
    async mend() {
      process.kill(pid, 'SIGCONT')
    },
  }
}

const cutOff = (machine: Machine): Fault => ({
  name: `link of ${machine.name} frozen`,
  part: machine.name,
  loses: machine,
  strike: async () => machine.link.freeze(),
  mend: async () => machine.link.thaw(),
})

const steppedClock = (machine: Machine, seconds: number): Fault => ({
  name: `clock of ${machine.name} off by ${seconds} s`,
  part: `clock of ${machine.name}`,
  strike: async () => writeFileSync(machine.clock, `${seconds < 0 ? '' : '+'}${seconds}\n`),
  mend: async () => writeFileSync(machine.clock, '+0\n'),
})

export const faultsOf = (at: Installation) => {
  const { server, nats, database } = at
  return {
    killed: (machine: Machine): Fault => ({
      ...killed(machine),
      ...(machine === server ? { loses: undefined } : {}),
    }),
    frozen: (machine: Machine): Fault => ({
      ...frozen(machine),
      ...(machine === server ? { loses: undefined } : {}),
    }),
    cutOff: (machine: Machine): Fault => ({
      ...cutOff(machine),
      ...(machine === server ? { loses: undefined } : {}),
    }),
    steppedClock,
    natsKilled: {
      name: 'nats-server killed',
      part: 'nats',
      loses: 'all',
      strike: () => nats.kill(),
      mend: () => nats.start(),
    } satisfies Fault,
    storeLost: {
      name: 'store of nats-server deleted',
      part: 'nats',
      loses: 'all',
      async strike() {
        await nats.kill()
        await nats.wipe()
      },
      mend: () => nats.start(),
    } satisfies Fault,
    databaseKilled: {
      name: 'database killed',
      part: 'database',
      strike: async () => database?.kill(),
      mend: async () => database?.start(),
    } satisfies Fault,
  }
}
