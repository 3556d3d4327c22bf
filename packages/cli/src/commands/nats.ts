// `om nats config`: writes the configuration of nats-server out of the register of a CA.

import { execFile } from 'node:child_process'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { say } from '../lang.ts'
import { wantedOf } from '../pki/asked.ts'
import { bundleFiles } from '../pki/bundle.ts'
import { caFolder } from '../pki/ca-folder.ts'
import { checkIdc } from '../pki/identity.ts'
import { addIdcs, type CaFolder, issue, reachable } from '../pki/issuing.ts'
import { leafConfig, natsConfig, newIdcs } from '../pki/nats-config.ts'
import { reasonOf, refusal } from '../pki/refuse.ts'
import { type Entry, leafOf, ofKind, type Register, readRegister } from '../pki/register.ts'
import { print, printJson, warn } from '../terminal.ts'
import { wholeNumber } from '../whole-number.ts'
import { carryText } from './pki.ts'

const DAYS = 365

interface ConfigOptions {
  readonly out?: string
  readonly nats?: string
  readonly idc?: readonly string[]
  readonly leaf?: string
  readonly hub?: readonly string[]
  readonly leafPort: string
  readonly host: string
  readonly port: string
  readonly store: string
  readonly tlsDir?: string
  readonly for?: string
  readonly json?: boolean
}

/** The certificate that nats-server shows; made for this machine when there is none yet. */
const hubEntry = async (ca: CaFolder, register: Register, name?: string): Promise<Entry> => {
  const known = ofKind(register, 'nats').filter(({ idc }) => idc === undefined)
  const [first, ...others] = known
  if (!first) {
    const wanted = wantedOf('nats', name ?? 'nats', { days: String(DAYS) })
    const { entry } = await issue(ca, wanted)
    const addresses = entry.addresses.join(', ')
    warn(
      say({
        zh: `已为 nats-server 签发证书 ${entry.name}，适用于 ${addresses}。`,
        en: `Issued the certificate ${entry.name} for nats-server, good for ${addresses}.`,
      }),
    )
    return entry
  }
  if (name === undefined && others.length > 0) {
    throw refusal(
      `有多个 nats 证书，请用 --nats 选一个：${known.map((entry) => entry.name).join('、')}`,
      `There are several certificates for nats-server; pick one with --nats: ${known.map((entry) => entry.name).join(', ')}`,
    )
  }
  const chosen = name === undefined ? first : known.find((entry) => entry.name === name)
  if (chosen) return chosen
  throw refusal(`没有名为 ${name} 的 nats 证书。`, `There is no nats certificate called ${name}.`)
}

/** `2.9.10` of "nats-server: v2.9.10"; undefined: there is none on this machine. */
const installedVersion = async (): Promise<string | undefined> => {
  // Debian keeps it where ordinary users do not look.
  const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/usr/local/sbin` }
  const asked = promisify(execFile)('nats-server', ['--version'], { env, timeout: 10_000 })
  const { stdout } = await asked.catch(() => ({ stdout: '' }))
  return /v(\d+\.\d+(\.\d+)?)/.exec(stdout)?.[1]
}

const knowsSync = (version: string | undefined): boolean => {
  if (version === undefined) return true
  const [, major, minor] = /^v?(\d+)\.(\d+)(\.\d+)?$/.exec(version) ?? []
  if (major === undefined || minor === undefined) {
    throw refusal(
      `--for 的写法是版本号，如 2.9：${version}`,
      `--for takes a version, such as 2.9, not ${version}`,
    )
  }
  return Number(major) * 1000 + Number(minor) >= 2010
}

const leafEntry = (ca: CaFolder, register: Register, idc: string): Entry => {
  const leaf = leafOf(register, idc)
  if (leaf) return leaf
  const command = `om pki issue ${ca.dir} nats NAME --idc ${idc} --address HOST`
  throw refusal(
    `机房 ${idc} 还没有自己的 nats-server，先签发：${command}`,
    `The IDC ${idc} has no nats-server of its own yet. Issue it first: ${command}`,
  )
}

const at = (host: string, port: number): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`

/** Where a leaf node finds the hub. */
const hubsOf = (register: Register, options: ConfigOptions, port: number): readonly string[] => {
  const given = options.hub ?? []
  const wrong = given.find((hub) => !/^[^\s/]+:\d{1,5}$/.test(hub))
  if (wrong !== undefined) {
    throw refusal(`--hub 的写法是 主机:端口：${wrong}`, `--hub is written HOST:PORT, not ${wrong}`)
  }
  if (given.length > 0) return given
  const hubs = ofKind(register, 'nats').filter(({ idc }) => idc === undefined)
  const known = hubs.flatMap(({ addresses }) => reachable(addresses))
  if (known.length > 0) return known.map((host) => at(host, port))
  throw refusal(
    '还不知道中心的 nats-server 在哪里：先签发它的证书，或用 --hub 主机:端口 给出。',
    'Where is the nats-server of the hub? Issue its certificate first, or say --hub HOST:PORT.',
  )
}

export const config = async (dir: string, options: ConfigOptions): Promise<void> => {
  const ca = caFolder(dir)
  const port = wholeNumber('--port', options.port, 1, 65_535)
  const leafPort = wholeNumber('--leaf-port', options.leafPort, 1, 65_535)
  const version = options.for ?? (await installedVersion())
  const sync = knowsSync(version)
  const idcs = (options.idc ?? []).flatMap((idc) => checkIdc('controller', idc) ?? [])
  const before = readRegister(ca.dir)
  const nats =
    options.leaf === undefined
      ? await hubEntry(ca, before, options.nats)
      : leafEntry(ca, before, options.leaf)
  const { register, forServers } = await addIdcs(ca, idcs)
  const tlsDir = options.tlsDir ?? join(ca.dir, nats.name)
  const place = {
    tls: {
      cert: join(tlsDir, bundleFiles.certificate),
      key: join(tlsDir, bundleFiles.key),
      ca: join(tlsDir, bundleFiles.ca),
    },
    listen: at(options.host, port),
    leafListen: at(options.host, leafPort),
    leafAdvertise: reachable(nats.addresses).map((host) => at(host, leafPort))[0],
    storeDir: options.store,
    serverName: nats.name,
    knowsSync: sync,
  }
  const text =
    options.leaf === undefined
      ? natsConfig(register, place, ca.now)
      : leafConfig(
          register,
          options.leaf,
          { ...place, hubs: hubsOf(register, options, leafPort) },
          ca.now,
        )
  for (const { server, idc, file } of forServers) warn(carryText(server, idc, file))
  if (options.out === undefined) {
    if (options.json) printJson({ for: version ?? null, config: text })
    else process.stdout.write(text)
    return
  }
  const file = resolve(options.out)
  let added: readonly string[]
  try {
    added = existsSync(file) ? newIdcs(register, readFileSync(file, 'utf8')) : []
    // Whole or not at all: nats-server may be told to read it at any moment.
    writeFileSync(`${file}.new`, text, { mode: 0o644 })
    renameSync(`${file}.new`, file)
  } catch (error) {
    throw refusal(`写不了 ${file}：${reasonOf(error)}`, `Cannot write ${file}: ${reasonOf(error)}`)
  }
  if (options.json) return printJson({ for: version ?? null, file, newIdcs: added })
  print(
    say({
      zh: `已写入 ${file}（适用于 nats-server ${version ?? '2.10 及以上'}）。让正在运行的 nats-server 重新读取：nats-server --signal reload`,
      en: `Wrote ${file} (for nats-server ${version ?? '2.10 and later'}). A running nats-server reads it upon: nats-server --signal reload`,
    }),
  )
  if (added.length === 0) return
  print(
    say({
      zh: `新机房：${added.join('、')}。请让 nats-server 重新读取两次，间隔几秒：它在第二次才接通新账户的文件库。`,
      en: `New IDCs: ${added.join(', ')}. Let nats-server read it twice, some seconds apart: only the second time it connects a new account to the blobs.`,
    }),
  )
}
