// The configurations of nats-server out of the register: an account for each IDC, and in it who is enrolled there.

import {
  blobReads,
  clientPermissions,
  controllerPermissions,
  domainOf,
  type Permissions,
  tokenOf,
} from './engine-access.ts'
import { PREFIX, userNameOf } from './identity.ts'
import { type Entry, idcsOf, leafOf, ofKind, type Register, stateOf } from './register.ts'

export interface NatsPlace {
  /** The certificate of nats-server and its key, and the CA, as nats-server finds them. */
  readonly tls: { readonly cert: string; readonly key: string; readonly ca: string }
  /** `host:port`. */
  readonly listen: string
  readonly storeDir: string
  readonly serverName: string
  /** From 2.10 on nats-server can be told to write to the disk before it confirms; older ones refuse the word. */
  readonly knowsSync: boolean
  /** `host:port` where the hub awaits leaf nodes. */
  readonly leafListen: string
  /** `host:port` under which they find it. */
  readonly leafAdvertise?: string
}

const HUB = 'HUB'
const SYSTEM = 'SYS'
const HUB_DOMAIN = 'hub'
const accountOf = (idc: string): string => `IDC_${tokenOf(idc)}`

const quoted = (text: string): string => JSON.stringify(text)
const listed = (items: readonly string[], indent: string): string =>
  `[\n${items.map((item) => `${indent}  ${quoted(item)}\n`).join('')}${indent}]`

const permissionsText = ({ publish, subscribe }: Permissions): string => {
  const at = '          '
  return [
    '        permissions {',
    `${at}publish { allow: ${listed(publish, at)} }`,
    `${at}subscribe { allow: ${listed(subscribe, at)} }`,
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

/** A leaf node only: with its certificate nobody can connect as a user of the account. */
const leafUserText = (entry: Entry): string =>
  `      { user: ${quoted(userNameOf(entry, 'hub') ?? '')}, allowed_connection_types: [ LEAFNODE ] }`

const tlsText = ({ cert, key, ca }: NatsPlace['tls'], indent: string): readonly string[] =>
  [`cert_file: ${quoted(cert)}`, `key_file: ${quoted(key)}`, `ca_file: ${quoted(ca)}`].map(
    (line) => `${indent}${line}`,
  )

const serverText = (place: NatsPlace, domain: string): readonly string[] => [
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
  `  domain: ${quoted(domain)}`,
  ...(place.knowsSync ? ['  sync_interval: always'] : []),
  '}',
  'tls {',
  ...tlsText(place.tls, '  '),
  '  verify_and_map: true',
  '  timeout: 10',
  '}',
]

/** Who is revoked, or has ended, is not in it. */
const membersOf = (register: Register, now: number) => {
  const isIn = (entry: Entry): boolean => stateOf(entry, now) !== 'ended'
  const people = [...ofKind(register, 'controller'), ...ofKind(register, 'client')].filter(isIn)
  return {
    servers: ofKind(register, 'server').filter(isIn),
    of: (idc: string): readonly string[] =>
      people
        .filter((entry) => entry.idc === idc)
        .map((entry) => userText(userNameOf(entry, 'hub'), permissionsOf(entry, idc))),
    leaf(idc: string): Entry | undefined {
      const leaf = leafOf(register, idc)
      return leaf && isIn(leaf) ? leaf : undefined
    },
  }
}

/** Of the nats-server that servers connect to, and everybody of an IDC without one of its own. */
export const natsConfig = (register: Register, place: NatsPlace, now: number): string => {
  const members = membersOf(register, now)
  const idcs = idcsOf(register)
  const blobs = quoted(blobReads(PREFIX))

  const idcText = (idc: string): string => {
    const leaf = leafOf(register, idc)
    const here = leaf
      ? [members.leaf(idc)].flatMap((one) => (one ? [leafUserText(one)] : []))
      : members.of(idc)
    return [
      `  # ${JSON.stringify(idc)}`,
      `  ${accountOf(idc)} {`,
      '    jetstream: enabled',
      `    imports: [ { service: { account: ${HUB}, subject: ${blobs} } } ]`,
      '    users: [',
      ...members.servers.map((entry) => userText(userNameOf(entry, { idc }))),
      ...here,
      '    ]',
      '  }',
    ].join('\n')
  }

  const awaitsLeaves = idcs.some((idc) => leafOf(register, idc))
  return `${[
    ...serverText(place, HUB_DOMAIN),
    ...(awaitsLeaves
      ? [
          'leafnodes {',
          `  listen: ${quoted(place.leafListen)}`,
          // They come by the address that they were given: another may be out of their reach. 2.9 names one all the same.
          '  no_advertise: true',
          ...(place.leafAdvertise === undefined
            ? []
            : [`  advertise: ${quoted(place.leafAdvertise)}`]),
          '  tls {',
          ...tlsText(place.tls, '    '),
          '    verify_and_map: true',
          '    timeout: 10',
          '  }',
          '}',
        ]
      : []),
    'accounts {',
    `  ${HUB} {`,
    '    jetstream: enabled',
    ...(idcs.length === 0
      ? []
      : [`    exports: [ { service: ${blobs}, accounts: [${idcs.map(accountOf).join(', ')}] } ]`]),
    '    users: [',
    ...members.servers.map((entry) => userText(userNameOf(entry, 'hub'))),
    '    ]',
    '  }',
    ...idcs.map(idcText),
    `  ${SYSTEM} { }`,
    '}',
    `system_account: ${SYSTEM}`,
  ].join('\n')}\n`
}

/**
 * Of the nats-server of one IDC, which dials out to the hub: the streams of the IDC lie here, and work goes on
 * while the hub is out of reach. @param hubs `host:port`
 */
export const leafConfig = (
  register: Register,
  idc: string,
  place: NatsPlace & { readonly hubs: readonly string[] },
  now: number,
): string =>
  `${[
    ...serverText(place, domainOf(idc)),
    'leafnodes {',
    // A whole number of seconds: 2.9 takes nothing else.
    '  reconnect: 1',
    '  remotes: [',
    '    {',
    `      urls: ${listed(
      place.hubs.map((hub) => `tls://${hub}`),
      '      ',
    )}`,
    `      account: ${accountOf(idc)}`,
    '      tls {',
    ...tlsText(place.tls, '        '),
    '        timeout: 10',
    '      }',
    '    }',
    '  ]',
    '}',
    'accounts {',
    `  # ${JSON.stringify(idc)}`,
    `  ${accountOf(idc)} {`,
    '    jetstream: enabled',
    '    users: [',
    ...membersOf(register, now).of(idc),
    '    ]',
    '  }',
    `  ${SYSTEM} { }`,
    '}',
    `system_account: ${SYSTEM}`,
  ].join('\n')}\n`
