// `om drivers …`. Secrets come from files or standard input, never from the command line.

import { type EndpointInput, type EndpointView, endpointRoutes } from '@omserver/api'
import { connect } from '../connection.ts'
import { EXIT_USAGE, ExitError } from '../exit.ts'
import { say } from '../lang.ts'
import { askSecret } from '../prompt.ts'
import { readText } from '../read-text.ts'
import { print, printJson, readStdin, tableLines } from '../terminal.ts'
import { wholeNumber } from '../whole-number.ts'

interface Json {
  readonly json?: boolean
}

const everyIdc = () => say({ zh: '所有机房', en: 'every IDC' })

/** What tells one endpoint from another at a glance. */
const whereOf = ({ settings }: EndpointView): string =>
  settings['url'] !== undefined
    ? `${settings['user']}@${settings['url']}`
    : settings['mode'] === 'transmit'
      ? `func-transmit @ ${settings['overlord']}`
      : `funcd :${settings['port']}`

export const list = async (options: Json): Promise<void> => {
  const answer = await (await connect()).call(endpointRoutes.list, {})
  if (options.json) return printJson(answer)
  print(
    ...tableLines(
      [
        say({ zh: '接入点', en: 'ENDPOINT' }),
        say({ zh: '执行通道', en: 'DRIVER' }),
        say({ zh: '机房', en: 'IDC' }),
        say({ zh: '主机', en: 'HOSTS' }),
        say({ zh: '位置', en: 'WHERE' }),
      ],
      answer.items.map((item) => [
        item.name,
        item.kind,
        item.idc ?? everyIdc(),
        String(item.hosts),
        whereOf(item),
      ]),
    ),
  )
  for (const { kind, idc, hosts } of answer.unserved) {
    print(
      say({
        zh: `机房 ${idc} 有 ${hosts} 台主机使用执行通道 ${kind}，但没有接入点：om drivers add ${kind} 名称 --idc ${idc} …`,
        en: `IDC ${idc}: hosts with the driver ${kind} and no endpoint: ${hosts}. Add one: om drivers add ${kind} NAME --idc ${idc} …`,
      }),
    )
  }
}

const find = async (name: string): Promise<EndpointView> => {
  const { items } = await (await connect()).call(endpointRoutes.list, {})
  const found = items.find((item) => item.name === name || item.id === name)
  if (found) return found
  throw new ExitError(
    EXIT_USAGE,
    say({ zh: `没有执行通道接入点：${name}`, en: `There is no driver endpoint ${name}.` }),
  )
}

export const show = async (name: string, options: Json): Promise<void> => {
  const found = await find(name)
  if (options.json) return printJson(found)
  const { kind, idc, hosts, settings } = found
  print(
    `${found.name} (${kind})`,
    `${say({ zh: '机房', en: 'IDC' })}: ${idc ?? everyIdc()}`,
    `${say({ zh: '主机', en: 'hosts' })}: ${hosts}`,
    ...Object.entries(settings).map(([key, value]) => `${key}: ${String(value).trim()}`),
  )
}

const add = async (body: EndpointInput, options: Json): Promise<void> => {
  const endpoint = await (await connect()).call(endpointRoutes.add, { body })
  if (options.json) return printJson(endpoint)
  print(
    say({
      zh: `已登记接入点 ${endpoint.name}，目前有 ${endpoint.hosts} 台主机使用它。`,
      en: `Added the endpoint ${endpoint.name}; hosts that use it now: ${endpoint.hosts}.`,
    }),
  )
}

interface SaltOptions extends Json {
  readonly url: string
  readonly user: string
  readonly passwordStdin?: boolean
  readonly eauth?: string
  readonly ca?: string
  readonly idc?: string
}

export const addSalt = async (name: string, options: SaltOptions): Promise<void> => {
  const { url, user, eauth = 'pam', idc } = options
  const ca = options.ca === undefined ? undefined : await readText(options.ca)
  const password = options.passwordStdin
    ? await readStdin()
    : await askSecret(say({ zh: `${user} 的密码：`, en: `Password of ${user}: ` }))
  const settings = { url, user, eauth, ca }
  await add({ kind: 'salt', name, idc, settings, secrets: { password } }, options)
}

interface FuncOptions extends Json {
  readonly ca: string
  readonly cert: string
  readonly key: string
  readonly port?: string
  readonly legacyTls?: boolean
  readonly transmit?: string
  readonly idc?: string
}

export const addFunc = async (name: string, options: FuncOptions): Promise<void> => {
  const { port = '51234', legacyTls = false, transmit: overlord, idc } = options
  const ca = await readText(options.ca)
  const secrets = { cert: await readText(options.cert), key: await readText(options.key) }
  const mode = overlord === undefined ? ('direct' as const) : ('transmit' as const)
  const settings = { port: wholeNumber('--port', port, 1, 65_535), ca, legacyTls, mode, overlord }
  await add({ kind: 'func', name, idc, settings, secrets }, options)
}

export const remove = async (name: string, options: Json): Promise<void> => {
  const { id } = await find(name)
  const answer = await (await connect()).call(endpointRoutes.remove, { params: { id } })
  if (options.json) return printJson(answer)
  print(say({ zh: `已删除接入点 ${name}。`, en: `Deleted the endpoint ${name}.` }))
}
