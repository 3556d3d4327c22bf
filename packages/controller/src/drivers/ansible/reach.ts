// Connects to the hosts of a play before it begins: who cannot be reached is not begun, and nothing is sent to it.

import type { Secrets, TargetHost } from '@omserver/core'
import type { HostReport } from '../../driver.ts'
import { type Failure, placeOf, timeoutFailure } from '../../failure.ts'
import type { Box } from './box.ts'
import type { KeyAgent } from './key-agent.ts'
import type { Launcher } from './launcher.ts'
import { type Login, readLogin } from './login.ts'
import { sshFailure } from './ssh-failure.ts'
import { type Hop, type SshWay, writeSshWay } from './ssh-way.ts'

/** How Ansible, and whoever stops something, gets to the host. */
export interface Reached {
  readonly user?: string
  /** Absent: it is this machine. */
  readonly way?: SshWay
}

export interface ReachParts {
  readonly box: Box
  readonly agent: KeyAgent
  readonly launcher: Launcher
  readonly secrets: Secrets
  readonly agentSocket?: string
  readonly sshEnv: Readonly<Record<string, string>>
  readonly connectTimeoutMs: number
}

export const isFailure = (found: Reached | Failure): found is Failure => 'reason' in found

const hopsOf = async (host: TargetHost, parts: ReachParts): Promise<readonly Hop[] | Failure> => {
  const hops: Hop[] = []
  for (const access of [...host.jumps, host.access]) {
    const login: Login | Failure = await readLogin(access, parts)
    if ('reason' in login) {
      return access === host.access
        ? login
        : { ...login, message: `jump host ${access.address}: ${login.message}` }
    }
    hops.push({ access, login })
  }
  return hops
}

/** Of its hop, who logs in: prepared before anything connects. */
export const prepare = async (
  host: TargetHost,
  nth: number,
  parts: ReachParts,
): Promise<(Reached & { readonly hops: readonly Hop[] }) | Failure> => {
  if (host.isController) return { hops: [] }
  const hops = await hopsOf(host, parts)
  if ('reason' in hops) return hops
  const way = await writeSshWay(host, hops, { ...parts, nth })
  return { hops, way, user: hops.at(-1)?.login.user }
}

export const connect = async (
  host: TargetHost,
  { way, hops }: { readonly way?: SshWay; readonly hops: readonly Hop[] },
  parts: ReachParts,
  report: Pick<HostReport, 'keySeen'>,
  signal: AbortSignal,
): Promise<Failure | undefined> => {
  if (way === undefined) return undefined
  const late = AbortSignal.timeout(parts.connectTimeoutMs)
  // In the background once the login is done, without a command: nothing acts.
  const ended = await parts.launcher.run(
    { argv: ['ssh', ...way.args, '-fNM', '--', way.address], env: parts.sshEnv },
    AbortSignal.any([late, signal]),
  )
  for (const { hop, access, hostKey, changed } of await way.seen()) {
    if (ended.code !== 0 && !changed) continue
    report.keySeen({ hop, address: access.address, port: access.port, hostKey, changed })
  }
  if (ended.code === 0) return undefined
  if (late.aborted) {
    return timeoutFailure(placeOf(host.access), 'connecting', parts.connectTimeoutMs)
  }
  return sshFailure(ended.err, host, hops)
}
