// The way to one host as OpenSSH reads it: one file with every hop, its login, and the keys it may show.

import { readFile } from 'node:fs/promises'
import type { Access, HostKey, TargetHost } from '@omserver/core'
import type { Box } from './box.ts'
import type { KeyAgent } from './key-agent.ts'
import type { Login } from './login.ts'

export interface Hop {
  readonly access: Access
  readonly login: Login
}

export interface SshWay {
  /** Options that name the file and the connection that is shared. */
  readonly args: readonly string[]
  /** What the host is called in what ssh says; its jump hosts have a `j` and their number behind it. */
  readonly alias: string
  readonly address: string
  /** Keys that were shown and not pinned, nearest hop first. */
  seen(): Promise<
    readonly {
      readonly hop: number
      readonly access: Access
      readonly hostKey: HostKey
      readonly changed: boolean
    }[]
  >
}

const keySeen = new URL('python/key-seen.sh', import.meta.url).pathname

const quoted = (text: string): string => `"${text.replaceAll('"', '')}"`

const blockOf = (
  pattern: string,
  hop: Hop,
  of: {
    readonly alias: string
    readonly box: Box
    readonly publicKey?: string
    readonly agent: string
    readonly jump?: string
  },
): string => {
  const { access, login } = hop
  const { alias, box } = of
  const methods = [
    ...(login.key || login.agent ? ['publickey'] : []),
    ...(login.password === undefined ? [] : ['password', 'keyboard-interactive']),
  ]
  const lines = [
    `HostName ${quoted(access.address.replaceAll('%', '%%'))}`,
    `Port ${access.port}`,
    `User ${quoted(login.user)}`,
    `HostKeyAlias ${alias}`,
    `UserKnownHostsFile ${box.at(`k/${alias}`)}`,
    'GlobalKnownHostsFile /dev/null',
    `StrictHostKeyChecking ${access.hostKey ? 'yes' : 'accept-new'}`,
    `KnownHostsCommand /bin/sh ${quoted(keySeen)} %t %K ${box.at(`k/${alias}.seen`)}`,
    `PreferredAuthentications ${methods.join(',')}`,
    `PasswordAuthentication ${login.password === undefined ? 'no' : 'yes'}`,
    `KbdInteractiveAuthentication ${login.password === undefined ? 'no' : 'yes'}`,
    'GSSAPIAuthentication no',
    'NumberOfPasswordPrompts 1',
    ...(login.agent
      ? [`IdentityAgent ${quoted(login.agent)}`]
      : of.publicKey
        ? [`IdentityAgent ${of.agent}`, 'IdentitiesOnly yes', `IdentityFile ${of.publicKey}`]
        : ['IdentityAgent none', 'IdentityFile none']),
    `ProxyJump ${of.jump ?? 'none'}`,
    ...(pattern === '*' ? [] : ['ControlMaster no', 'ControlPath none']),
  ]
  return [`Host ${pattern}`, ...lines].join('\n  ')
}

const common = [
  'IgnoreUnknown KnownHostsCommand',
  'LogLevel ERROR',
  'UpdateHostKeys no',
  'CheckHostIP no',
  'ForwardX11 no',
  'ForwardAgent no',
  'ServerAliveInterval 30',
  'ServerAliveCountMax 3',
  'ConnectionAttempts 1',
  'AddKeysToAgent no',
  'ControlMaster auto',
  'ControlPersist 120',
]

export const writeSshWay = async (
  host: TargetHost,
  hops: readonly Hop[],
  parts: {
    readonly box: Box
    readonly agent: KeyAgent
    readonly nth: number
    readonly connectTimeoutMs: number
  },
): Promise<SshWay> => {
  const { box, agent, nth } = parts
  const alias = `om${nth}`
  const last = hops.length - 1
  const nameOf = (index: number): string => (index === last ? alias : `${alias}j${index + 1}`)
  const blocks: string[] = []
  for (const [index, hop] of hops.entries()) {
    const own = nameOf(index)
    const { hostKey } = hop.access
    await box.write(`k/${own}`, hostKey ? `${own} ${hostKey.type} ${hostKey.key}\n` : '')
    const { key, password } = hop.login
    if (password !== undefined) await box.write(`a/${own}`, `${password}\n`)
    const publicKey = key && (await box.write(`k/${own}.pub`, `${agent.add(key)}\n`))
    blocks.push(
      blockOf(index === last ? '*' : own, hop, {
        alias: own,
        box,
        publicKey,
        agent: agent.socket,
        jump: index === 0 ? undefined : nameOf(index - 1),
      }),
    )
  }
  // Of each option the first word counts: hops first, then the host itself, then what all have in common.
  const file = await box.write(
    `k/${alias}.conf`,
    [
      ...blocks,
      `Host *\n  ${[...common, `ConnectTimeout ${Math.ceil(parts.connectTimeoutMs / 1000)}`].join('\n  ')}`,
      '',
    ].join('\n'),
  )
  return {
    alias,
    address: host.access.address,
    args: ['-F', file, '-o', `ControlPath=${box.at(`c/${nth}`)}`],
    async seen() {
      const found = []
      for (const [index, { access }] of [...hops.entries()].reverse()) {
        const text = await readFile(box.at(`k/${nameOf(index)}.seen`), 'utf8').catch(() => '')
        const [type, key] = (text.split('\n').findLast((line) => line !== '') ?? '').split(' ')
        if (!type || !key || key === access.hostKey?.key) continue
        const changed = access.hostKey !== undefined
        found.push({ hop: last - index, access, hostKey: { type, key }, changed })
      }
      return found
    },
  }
}
