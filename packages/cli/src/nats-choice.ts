// How a process reaches NATS: by a folder of `om pki`, or, on one machine, by an address alone.

import { EXIT_USAGE, ExitError } from './exit.ts'
import { say } from './lang.ts'
import { natsOptionsOf } from './pki/bundle.ts'
import type { NatsOptions } from './pki/engine-access.ts'
import { identityFolder, type WhoStarts } from './pki/identity-folder.ts'
import { duration, wholeNumber } from './whole-number.ts'

export interface NatsChoice {
  /** Folder of `om pki issue`, or of the CA. */
  readonly pki?: string
  readonly nats?: string
  readonly natsPlain?: boolean
}

/** The folder of the identity that was asked for; undefined: without certificates. */
export const identityOf = (options: NatsChoice, who: WhoStarts): string | undefined =>
  options.pki === undefined ? undefined : identityFolder(options.pki, who)

/** @param identity what `identityOf` found. Throws ExitError when neither is given, or an address beyond this machine without certificates. */
export const natsOf = (
  options: NatsChoice,
  identity: string | undefined,
  env: NodeJS.ProcessEnv,
): NatsOptions => {
  const url = options.nats ?? (env['OM_NATS_URL'] || undefined)
  if (identity !== undefined) {
    const own = natsOptionsOf(identity)
    const servers = url === undefined ? own.servers : url.split(',')
    if (servers.length > 0) return { ...own, servers }
    throw new ExitError(
      EXIT_USAGE,
      say({
        zh: '请用 --nats tls://主机:端口（OM_NATS_URL）给出 nats-server 的地址。',
        en: 'Say where nats-server is: --nats tls://HOST:PORT (OM_NATS_URL).',
      }),
    )
  }
  if (url === undefined) {
    throw new ExitError(
      EXIT_USAGE,
      say({
        zh: '请用 --pki 指定 om pki issue 写出的目录；或在同一台机器上试用时，用 --nats（OM_NATS_URL）指定地址。',
        en: 'Name the folder that om pki issue wrote, with --pki; or, to try it on one machine, the address with --nats (OM_NATS_URL).',
      }),
    )
  }
  const servers = url.split(',')
  if (!options.natsPlain && !servers.every(isHere)) {
    throw new ExitError(
      EXIT_USAGE,
      say({
        zh: `${url} 不在本机，需要证书：用 --pki 指定 om pki issue 写出的目录。若这段网络本身可信，可加 --nats-plain。`,
        en: `${url} is not on this machine, and needs certificates: name the folder of om pki issue with --pki. Where the network itself is trusted, add --nats-plain.`,
      }),
    )
  }
  return { servers, identity: 'server' }
}

/** Below, a busy machine loses what it holds; above, a dead controller is waited for too long. */
const SHORTEST_LEASE_MS = 3_000
const LONGEST_LEASE_MS = 600_000

/** How long a controller may say nothing before another takes over; undefined: the usual time. Throws ExitError. */
export const leaseOf = (env: NodeJS.ProcessEnv): number | undefined =>
  duration('OM_LEASE', env['OM_LEASE'] || undefined, SHORTEST_LEASE_MS, LONGEST_LEASE_MS)

const DAY_MS = 86_400_000
/** Longer than what clients begin is remembered in an IDC. */
const LONGEST_BOOK_DAYS = 30

/** How long what an IDC is told to act alone counts; undefined: the usual time. Throws ExitError. */
export const bookMsOf = (env: NodeJS.ProcessEnv): number | undefined => {
  const days = wholeNumber('OM_BOOK_DAYS', env['OM_BOOK_DAYS'] || undefined, 1, LONGEST_BOOK_DAYS)
  return days === undefined ? undefined : days * DAY_MS
}

const isHere = (url: string): boolean => {
  const whole = url.includes('://') ? url : `nats://${url}`
  if (!URL.canParse(whole)) {
    throw new ExitError(
      EXIT_USAGE,
      say({
        zh: `nats-server 的地址应如 nats://127.0.0.1:4222：${url}`,
        en: `The address of nats-server is written like nats://127.0.0.1:4222, not ${url}`,
      }),
    )
  }
  const { hostname } = new URL(whole)
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
}
