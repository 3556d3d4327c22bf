// `om pki …`: certificates for the channel between server and controllers. Needs a folder, and no server.

import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { omCommand } from '../invoked-as.ts'
import { say } from '../lang.ts'
import { type Asked, daysOf, wantedOf } from '../pki/asked.ts'
import { initAuthority } from '../pki/authority.ts'
import {
  bundleFiles,
  checkSealKey,
  makeFolder,
  newSealFiles,
  newTlsKey,
  pemOf,
  writePublic,
  writeSecret,
} from '../pki/bundle.ts'
import { caFolder } from '../pki/ca-folder.ts'
import { makeRequest, readRequest } from '../pki/certificates.ts'
import { checkName } from '../pki/identity.ts'
import { type Issued, issue, renew, revoke } from '../pki/issuing.ts'
import { reasonOf, refusal } from '../pki/refuse.ts'
import { type Entry, type EntryState, readRegister, stateOf } from '../pki/register.ts'
import { print, printJson, red, tableLines, yellow } from '../terminal.ts'

interface Json {
  readonly json?: boolean
}

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10)

const entryJson = (entry: Entry, now: number) => ({
  name: entry.name,
  kind: entry.kind,
  idc: entry.idc ?? null,
  state: stateOf(entry, now),
  addresses: entry.addresses,
  servers: entry.servers,
  sealKey: entry.sealKey ?? null,
  issuedAt: entry.issuedAt,
  endsAt: entry.endsAt,
  revokedAt: entry.revokedAt ?? null,
})

export const carryText = (server: string, idc: string, file: string): string =>
  say({
    zh: `服务端 ${server} 访问机房 ${idc} 的证书：${file}，请复制到该服务端。`,
    en: `The server ${server} reaches ${idc} with ${file}: copy it to that server.`,
  })

const tell = ({ entry, folder, forServers }: Issued, now: number, options: Json): void => {
  if (options.json) {
    printJson({ ...entryJson(entry, now), folder, forServers })
    return
  }
  const end = dayOf(entry.endsAt)
  print(
    say({
      zh: `${folder}：${entry.kind} ${entry.name} 的证书，有效至 ${end}。`,
      en: `${folder}: certificate of the ${entry.kind} ${entry.name}, good until ${end}.`,
    }),
    ...forServers.map(({ server, idc, file }) => carryText(server, idc, file)),
  )
  if (entry.kind === 'controller') {
    print(
      say({
        zh: '它连上后，服务端凭这张证书自动登记它，无需再登记。',
        en: 'The server enrols it by this certificate as soon as it is connected: nothing more is to be done there.',
      }),
    )
  }
  if (entry.kind === 'nats') return
  print(
    say({
      zh: `接着运行 ${omCommand} nats config，并让 nats-server 重新读取配置。`,
      en: `Next, ${omCommand} nats config, and let nats-server read its configuration again.`,
    }),
  )
}

interface InitOptions extends Json {
  readonly name: string
  readonly caCert?: string
  readonly caKey?: string
}

export const init = async (dir: string, options: InitOptions): Promise<void> => {
  const { caCert, caKey } = options
  if ((caCert === undefined) !== (caKey === undefined)) {
    throw refusal('--ca-cert 与 --ca-key 须同时给出。', '--ca-cert and --ca-key go together.')
  }
  const ca = caFolder(dir)
  const given =
    caCert !== undefined && caKey !== undefined ? { certificate: caCert, key: caKey } : undefined
  const endsAt = await initAuthority(ca, options.name, given)
  if (options.json) return printJson({ dir: ca.dir, endsAt })
  print(
    say({
      zh: `CA 已建于 ${ca.dir}，有效至 ${dayOf(endsAt)}。ca.key 能签发任何身份：请妥善保管并备份此目录。`,
      en: `A CA is in ${ca.dir}, good until ${dayOf(endsAt)}. Whoever has ca.key can make any identity: guard this folder, and back it up.`,
    }),
  )
}

type IssueOptions = Json & Asked

export const issueOne = async (
  dir: string,
  kind: string,
  name: string,
  options: IssueOptions,
): Promise<void> => {
  const ca = caFolder(dir)
  tell(await issue(ca, wantedOf(kind, name, options)), ca.now, options)
}

/** Where a key is to stay: makes keys and the request for a certificate there. */
export const request = async (name: string, options: Json & { readonly out: string }) => {
  checkName(name)
  const folder = resolve(options.out)
  makeFolder(folder)
  const tls = newTlsKey()
  writeSecret(join(folder, bundleFiles.key), pemOf(tls.privateKey))
  writePublic(join(folder, bundleFiles.request), await makeRequest(name, tls))
  const sealKey = newSealFiles(folder)
  writePublic(join(folder, bundleFiles.sealPublic), `${sealKey}\n`)
  if (options.json) return printJson({ name, folder, sealKey })
  print(
    say({
      zh: `${folder}：私钥留在这里，把 tls.csr 和 seal.pub 拿到 CA 那里（om pki sign）。`,
      en: `${folder}: the private keys stay here; carry tls.csr and seal.pub to the CA (om pki sign).`,
    }),
  )
}

interface SignOptions extends Json, Asked {
  readonly kind: string
  readonly name: string
  readonly sealKey?: string
}

const readText = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw refusal(`读不了 ${file}：${reasonOf(error)}`, `Cannot read ${file}: ${reasonOf(error)}`)
  }
}

export const sign = async (dir: string, file: string, options: SignOptions): Promise<void> => {
  const ca = caFolder(dir)
  const wanted = wantedOf(options.kind, options.name, options)
  if (wanted.kind !== 'nats' && options.sealKey === undefined) {
    throw refusal(
      '请用 --seal-key 给出对方的 seal.pub 文件。',
      'Give the seal.pub of whoever sent the request: --seal-key FILE.',
    )
  }
  const seal = options.sealKey === undefined ? undefined : checkSealKey(readText(options.sealKey))
  const keys = { tls: await readRequest(readText(file)), seal }
  tell(await issue(ca, { ...wanted, keys }), ca.now, options)
}

const stateText = (state: EntryState): string => {
  switch (state) {
    case 'valid':
      return say({ zh: '有效', en: 'valid' })
    case 'endsSoon':
      return yellow(say({ zh: '即将到期', en: 'ends soon' }))
    case 'ended':
      return red(say({ zh: '已过期', en: 'ended' }))
    case 'revoked':
      return say({ zh: '已吊销', en: 'revoked' })
  }
}

export const list = async (dir: string, options: Json): Promise<void> => {
  const ca = caFolder(dir)
  const { organisation, entries } = readRegister(ca.dir)
  if (options.json) {
    return printJson({ organisation, items: entries.map((entry) => entryJson(entry, ca.now)) })
  }
  print(
    ...tableLines(
      [
        say({ zh: '名称', en: 'NAME' }),
        say({ zh: '类型', en: 'KIND' }),
        say({ zh: '机房', en: 'IDC' }),
        say({ zh: '状态', en: 'STATE' }),
        say({ zh: '签发', en: 'ISSUED' }),
        say({ zh: '到期', en: 'ENDS' }),
      ],
      entries.map((entry) => [
        entry.name,
        entry.kind,
        entry.idc ?? '-',
        stateText(stateOf(entry, ca.now)),
        dayOf(entry.issuedAt),
        dayOf(entry.endsAt),
      ]),
    ),
  )
}

export const renewOne = async (
  dir: string,
  name: string,
  options: Json & { readonly days: string },
): Promise<void> => {
  const ca = caFolder(dir)
  tell(await renew(ca, name, daysOf(options.days)), ca.now, options)
}

export const revokeOne = async (dir: string, name: string, options: Json): Promise<void> => {
  const ca = caFolder(dir)
  const entry = await revoke(ca, name)
  if (options.json) return printJson(entryJson(entry, ca.now))
  print(
    say({
      zh: `已吊销 ${name}。在重写配置（${omCommand} nats config）并让 nats-server 重新读取（nats-server --signal reload）之前，它仍能连接。`,
      en: `Revoked ${name}. It can still connect until the configuration is written anew (${omCommand} nats config) and read by nats-server (nats-server --signal reload).`,
    }),
  )
}
