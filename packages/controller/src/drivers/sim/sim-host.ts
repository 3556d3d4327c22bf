// What a simulated host is like: decided by its name alone, so that it is the same tomorrow.

import type { TargetHost } from '@omserver/core'

export interface SimHost {
  readonly name: string
  readonly address: string
  /** Differs from host to host, and stays. */
  readonly seed: number
  readonly system: SimSystem
  /** `down`: cannot be reached. `hang`: starts and never answers. `broken`: every command fails. */
  readonly mood: 'well' | 'down' | 'hang' | 'broken' | 'slow'
  /** Answers at once, and never fails by chance. */
  readonly fast: boolean
}

interface SimSystem {
  readonly os: string
  readonly id: string
  readonly version: string
  readonly kernel: string
  readonly packages: 'dpkg' | 'rpm'
}

const debian: SimSystem = {
  os: 'Debian GNU/Linux 12 (bookworm)',
  id: 'debian',
  version: '12',
  kernel: '6.1.0-28-amd64',
  packages: 'dpkg',
}

/** Percent of the fleet, and what it runs; the rest runs Debian 12. */
const systems: readonly (readonly [number, SimSystem])[] = [
  [3, { ...debian, kernel: '6.1.0-18-amd64' }],
  [
    2,
    {
      os: 'openEuler 22.03 (LTS-SP3)',
      id: 'openEuler',
      version: '22.03',
      kernel: '5.10.0-182.0.0.95.oe2203sp3.x86_64',
      packages: 'rpm',
    },
  ],
  [
    1,
    {
      os: 'CentOS Linux 7 (Core)',
      id: 'centos',
      version: '7',
      kernel: '3.10.0-1160.119.1.el7.x86_64',
      packages: 'rpm',
    },
  ],
]

/** FNV-1a with a final mix; names that differ in one digit must not fall side by side. */
export const seedOf = (text: string): number => {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

const systemOf = (seed: number): SimSystem => {
  let percent = (seed >>> 8) % 100
  for (const [share, system] of systems) {
    if (percent < share) return system
    percent -= share
  }
  return debian
}

const moods: readonly SimHost['mood'][] = ['well', 'down', 'hang', 'broken', 'slow']

/**
 * The label `sim` of a host decides where chance would: `fast` (no delay, no failures), or a mood. Without it, of
 * a thousand hosts about five are down and ten are slow.
 */
export const simHostOf = (host: TargetHost): SimHost => {
  const { name, access, vars } = host
  const seed = seedOf(name)
  const label = vars['host.labels.sim']
  const fast = label === 'fast'
  const permille = seed % 1000
  const chance =
    fast || label !== undefined ? 'well' : permille < 5 ? 'down' : permille < 15 ? 'slow' : 'well'
  const mood = moods.find((known) => known === label) ?? chance
  return { name, address: access.address, seed, system: systemOf(seed), mood, fast }
}
