// The configuration of nats-server out of the register: an account for each IDC, and in it who is enrolled there.

import {
  blobReads,
  clientPermissions,
  controllerPermissions,
  type Permissions,
  tokenOf,
} from './engine-access.ts'
import { PREFIX, userNameOf } from './identity.ts'
import { type Entry, idcsOf, ofKind, type Register, stateOf } from './register.ts'

export interface NatsPlace {
  /** The certificate of nats-server and its key, and the CA, as nats-server finds them. */
  readonly tls: { readonly cert: string; readonly key: string; readonly ca: string }
  /** `host:port`. */
  readonly listen: string
  readonly storeDir: string
  readonly serverName: string
  /** From 2.10 on nats-server can be told to write to the disk before it confirms; older ones refuse the word. */
  readonly knowsSync: boolean
}

const HUB = 'HUB'
const SYSTEM = 'SYS'
const accountOf = (idc: string): string => `IDC_${tokenOf(idc)}`

const quoted = (text: string): string => JSON.stringify(text)
const listed = (items: readonly string[], indent: string): string =>
  `[\n${items.map((item) => `${indent}  ${quoted(item)}\n`).join('')}${indent}]`

const permissionsText = ({ publish, subscribe, answers }: Permissions): string => {
  const at = '          '
  return [
    '        permissions {',
    `${at}publish { allow: ${listed(publish, at)} }`,
    `${at}subscribe { allow: ${listed(subscribe, at)} }`,
    // More than one answer, or a late one, is nobody's.
    ...(answers ? [`${at}allow_responses { max: 1, expires: "2m" }`] : []),
    '        }',
  ].join('\n')
}

const userText = (name: string | undefined, permissions?: Permissions): string =>
  permissions
    ? `      {\n        user: ${quoted(name ?? '')}\n${permissionsText(permissions)}\n      }`
    : `      { user: ${quoted(name ?? '')} }`

const permissionsOf = (entry: Entry, idc: string): Permissions => {
  const who = { prefix: PREFIX, idc, name: entry.name }
  return entry.kind === 'client' ? clientPermissions(who) : controllerPermissions(who)
}

/** IDCs that have no account in this configuration yet. */
export const newIdcs = (register: Register, before: string): readonly string[] =>
  idcsOf(register).filter((idc) => !before.includes(`\n  ${accountOf(idc)} {\n`))

/** Who is revoked, or has ended, is not in it. */
export const natsConfig = (register: Register, place: NatsPlace, now: number): string => {
  const isIn = (entry: Entry): boolean => stateOf(entry, now) !== 'ended'
  const servers = ofKind(register, 'server').filter(isIn)
  const members = [...ofKind(register, 'controller'), ...ofKind(register, 'client')].filter(isIn)
  const idcs = idcsOf(register)
  const blobs = quoted(blobReads(PREFIX))

  const idcText = (idc: string): string =>
    [
      `  # ${JSON.stringify(idc)}`,
      `  ${accountOf(idc)} {`,
      '    jetstream: enabled',
      `    imports: [ { service: { account: ${HUB}, subject: ${blobs} } } ]`,
      '    users: [',
      ...servers.map((entry) => userText(userNameOf(entry, { idc }))),
      ...members
        .filter((entry) => entry.idc === idc)
        .map((entry) => userText(userNameOf(entry, 'hub'), permissionsOf(entry, idc))),
      '    ]',
      '  }',
    ].join('\n')

  return `${[
    '# Written by "om nats config" from the register of the CA. Write it anew after every "om pki" command that',
    '# changes who is enrolled, and let nats-server read it: nats-server --signal reload',
    `server_name: ${quoted(place.serverName)}`,
    `listen: ${quoted(place.listen)}`,
    'max_payload: 1MB',
    // The defaults notice a link that swallows everything only after minutes.
    'ping_interval: "3s"',
    'ping_max: 2',
    'jetstream {',
    `  store_dir: ${quoted(place.storeDir)}`,
    ...(place.knowsSync ? ['  sync_interval: always'] : []),
    '}',
    'tls {',
    `  cert_file: ${quoted(place.tls.cert)}`,
    `  key_file: ${quoted(place.tls.key)}`,
    `  ca_file: ${quoted(place.tls.ca)}`,
    '  verify_and_map: true',
    '  timeout: 10',
    '}',
    'accounts {',
    `  ${HUB} {`,
    '    jetstream: enabled',
    ...(idcs.length === 0
      ? []
      : [`    exports: [ { service: ${blobs}, accounts: [${idcs.map(accountOf).join(', ')}] } ]`]),
    '    users: [',
    ...servers.map((entry) => userText(userNameOf(entry, 'hub'))),
    '    ]',
    '  }',
    ...idcs.map(idcText),
    `  ${SYSTEM} { }`,
    '}',
    `system_account: ${SYSTEM}`,
  ].join('\n')}\n`
}
