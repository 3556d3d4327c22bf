// What was asked for on the command line, checked: an identity that a CA can issue.

import { hostname } from 'node:os'
import { wholeNumber } from '../whole-number.ts'
import { checkIdc, checkName, kindOf } from './identity.ts'
import type { Wanted } from './issuing.ts'
import { refusal } from './refuse.ts'

export interface Asked {
  readonly idc?: string
  readonly address?: readonly string[]
  readonly servers?: readonly string[]
  readonly days: string
}

const MOST_DAYS = 3652

export const daysOf = (text: string): number => wholeNumber('--days', text, 1, MOST_DAYS)

/** A nats-server on this machine; `name` counts where it is a domain name or an address itself. */
const addressesHere = (name: string): readonly string[] => [
  ...new Set([...(name.includes('.') ? [name] : []), hostname(), 'localhost', '127.0.0.1', '::1']),
]

/** Throws ExitError, in words, for what cannot be issued. */
export const wantedOf = (kindText: string, name: string, options: Asked): Wanted => {
  const kind = kindOf(kindText)
  const addresses = options.address ?? (kind === 'nats' ? addressesHere(name) : [])
  const servers = options.servers ?? []
  if ((kind === 'controller' || kind === 'client') && addresses.length > 0) {
    throw refusal(
      '--address 只用于 nats 和 server：controller 和 client 只连接别人。',
      '--address is for nats and server: controllers and clients only reach others.',
    )
  }
  for (const address of addresses) {
    if (!/^[A-Za-z0-9*_.:-]{1,253}$/.test(address)) {
      throw refusal(`不是域名或 IP：${address}`, `Not a host name or an address: ${address}`)
    }
  }
  for (const server of servers) {
    if (!/^tls:\/\/[^\s/]+$/.test(server)) {
      throw refusal(
        `--servers 的写法是 tls://主机:端口：${server}`,
        `--servers is written tls://HOST:PORT, not ${server}`,
      )
    }
  }
  return {
    kind,
    name: checkName(name),
    idc: checkIdc(kind, options.idc),
    addresses,
    servers,
    days: daysOf(options.days),
  }
}
