// A driver that answers for Ansible as a test says: what it is given is real, up to the archive of the project.

import { execFileSync } from 'node:child_process'
import type { Driver, ReportedStep, WorkTogether } from '@omserver/controller'
import type { HostEnd, PlaybookAction } from '@omserver/core'
import type { Blobs } from '@omserver/engine'

export interface Played {
  readonly action: PlaybookAction
  readonly check: boolean
  readonly hosts: readonly string[]
  /** Text of the playbook, out of the archive that came by the engine. */
  readonly text: string
}

export interface Script {
  readonly steps: readonly ReportedStep[]
  /** What comes when `goOn` has been called. */
  readonly later?: readonly ReportedStep[]
  readonly end: HostEnd
}

export const scriptedAnsible = (
  blobs: Blobs,
  script: (host: string, played: Played) => Script,
): { readonly driver: Driver; readonly played: readonly Played[]; goOn(): void } => {
  const played: Played[] = []
  let gate = Promise.withResolvers<void>()
  const play = async (work: WorkTogether): Promise<void> => {
    const { action, members, check = false } = work
    if (action.kind !== 'playbook' || !action.source) throw new Error('there is nothing to play')
    const archive = await blobs.get(action.source.blob)
    if (!archive) throw new Error('the archive did not come')
    const read = ['-xzOf', '-', action.playbook]
    const text = execFileSync('tar', read, { input: archive, encoding: 'utf8' })
    const hosts = members.map(({ host }) => host.name)
    const one = { action, check, hosts, text }
    played.push(one)
    await Promise.all(
      members.map(async ({ host, report, end }) => {
        const { steps, later, end: last } = script(host.name, one)
        await report.started()
        for (const step of steps) report.step(step)
        await report.output('stdout', Buffer.from(`PLAY [${action.playbook}]\n`))
        if (later) await gate.promise
        for (const step of later ?? []) report.step(step)
        end(last)
      }),
    )
  }
  return {
    played,
    goOn: () => {
      gate.resolve()
      gate = Promise.withResolvers<void>()
    },
    driver: {
      name: 'ansible',
      capabilities: { leaves: ['playbook'], abort: 'local' },
      carryOut: () => Promise.reject(new Error('hosts of a playbook go together')),
      carryOutTogether: play,
      health: async () => ({ ok: true, version: 'scripted', problems: [] }),
      close: async () => undefined,
    },
  }
}
