// How a process reaches NATS: by a folder of `om pki`, or, on one machine, by an address alone.

import { EXIT_USAGE, ExitError } from './exit.ts'
import { say } from './lang.ts'
import { natsOptionsOf } from './pki/bundle.ts'
import type { NatsOptions } from './pki/engine-access.ts'

export interface NatsChoice {
  /** Folder of `om pki issue`. */
  readonly identity?: string
  readonly nats?: string
  readonly natsPlain?: boolean
}

/** Throws ExitError when neither is given, or an address beyond this machine without certificates. */
export const natsOf = (options: NatsChoice, env: NodeJS.ProcessEnv): NatsOptions => {
  const url = options.nats ?? (env['OM_NATS_URL'] || undefined)
  if (options.identity) {
    const own = natsOptionsOf(options.identity)
    return url === undefined ? own : { ...own, servers: url.split(',') }
  }
  if (url === undefined) {
    throw new ExitError(
      EXIT_USAGE,
      say({
        zh: '请用 --identity 指定 om pki issue 写出的目录；或在同一台机器上试用时，用 --nats（OM_NATS_URL）指定地址。',
        en: 'Name the folder that om pki issue wrote, with --identity; or, to try it on one machine, the address with --nats (OM_NATS_URL).',
      }),
    )
  }
  const servers = url.split(',')
  if (!options.natsPlain && !servers.every(isHere)) {
    throw new ExitError(
      EXIT_USAGE,
      say({
        zh: `${url} 不在本机，需要证书：用 --identity 指定 om pki issue 写出的目录。若这段网络本身可信，可加 --nats-plain。`,
        en: `${url} is not on this machine, and needs certificates: name the folder of om pki issue with --identity. Where the network itself is trusted, add --nats-plain.`,
      }),
    )
  }
  return { servers, identity: 'server' }
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
