// `om hosts …` and `om demo`.

import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { ApiError, type Client, type HostView, hostRoutes } from '@omserver/api'
import type { DriverName } from '@omserver/core'
import { connect } from '../connection.ts'
import { plural } from '../counts.ts'
import { EXIT_USAGE, ExitError } from '../exit.ts'
import { ignoredLines, importLines } from '../import-lines.ts'
import { omCommand } from '../invoked-as.ts'
import { lang, say } from '../lang.ts'
import { ask, canAsk } from '../prompt.ts'
import { print, printJson, readStdinBytes, tableLines, warn, yellow } from '../terminal.ts'
import { wholeNumber } from '../whole-number.ts'

interface Json {
  readonly json?: boolean
}

const labelText = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')

const parseLabels = (pairs: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      if (at < 1) {
        throw new ExitError(
          EXIT_USAGE,
          say({
            zh: `标签写法应为 name=value：${pair}`,
            en: `A label is written name=value: ${pair}`,
          }),
        )
      }
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )

export const list = async (options: Json & { readonly target?: string[] }): Promise<void> => {
  const client = await connect()
  const items: HostView[] = []
  let cursor: string | undefined
  do {
    const page = await client.call(hostRoutes.list, {
      query: { limit: 1000, cursor, selector: options.target?.join(' ') },
    })
    items.push(...page.items)
    cursor = page.next ?? undefined
  } while (cursor)
  const selector = options.target?.join(' ').trim()
  if (selector) await sayWhatIsMissing(client, selector)
  if (options.json) return printJson({ items })
  if (selector && items.length === 0) return
  print(
    ...tableLines(
      [
        say({ zh: '主机', en: 'HOST' }),
        say({ zh: '地址', en: 'ADDRESS' }),
        say({ zh: '通道', en: 'DRIVER' }),
        say({ zh: '凭据', en: 'CREDENTIAL' }),
        say({ zh: '标签', en: 'LABELS' }),
      ],
      items.map((host) => [
        host.name,
        host.port === 22 ? host.address : `${host.address}:${host.port}`,
        host.driver,
        host.credentialName ?? '-',
        labelText(host.labels),
      ]),
    ),
  )
}

/** As `ls` does: what is there is listed, what is not is named, and the exit code says so. */
const sayWhatIsMissing = async (client: Client, selector: string): Promise<void> => {
  const { total, unknown } = await client.call(hostRoutes.resolve, { body: { selector } })
  if (total > 0 && unknown.length === 0) return
  process.exitCode = EXIT_USAGE
  const names = unknown.slice(0, 100).join(', ')
  warn(
    names === ''
      ? say({ zh: `没有主机符合 ${selector}。`, en: `No host matches ${selector}.` })
      : say({ zh: `没有这些主机：${names}`, en: `No such hosts: ${names}` }),
  )
}

export const show = async (name: string, options: Json): Promise<void> => {
  const host = await (await connect()).call(hostRoutes.show, { params: { id: name } })
  if (options.json) return printJson(host)
  const rows: [string, string | null][] = [
    [say({ zh: '主机', en: 'host' }), host.name],
    [say({ zh: '地址', en: 'address' }), `${host.address}:${host.port}`],
    [say({ zh: '外网IP', en: 'outside address' }), host.outerAddress],
    [say({ zh: '执行通道', en: 'driver' }), host.driver],
    [say({ zh: '凭据', en: 'credential' }), host.credentialName],
    [say({ zh: '跳板机', en: 'jump host' }), host.jumpHostName],
    [say({ zh: '编码', en: 'encoding' }), host.encoding],
    [say({ zh: '标签', en: 'labels' }), labelText(host.labels)],
    [
      say({ zh: '主机密钥', en: 'host key' }),
      host.hostKey && `${host.hostKey.type} ${host.hostKey.fingerprint}`,
    ],
  ]
  for (const [title, value] of rows) if (value) print(`${title}: ${value}`)
  if (host.changedKey) {
    print(
      yellow(
        say({
          zh: `主机密钥已变更为 ${host.changedKey.fingerprint}；核对后运行 ${omCommand} hosts accept-key ${host.name}`,
          en: `The host key changed to ${host.changedKey.fingerprint}; compare it, then run ${omCommand} hosts accept-key ${host.name}`,
        }),
      ),
    )
  }
}

interface AddOptions extends Json {
  readonly address: string
  readonly outerAddress?: string
  readonly port?: string
  readonly driver?: string
  readonly credential?: string
  readonly jump?: string
  readonly encoding?: string
  readonly label?: string[]
}

export const add = async (name: string, options: AddOptions): Promise<void> => {
  const host = await (await connect()).call(hostRoutes.add, {
    body: {
      name,
      address: options.address,
      outerAddress: options.outerAddress,
      port: wholeNumber('--port', options.port, 1, 65_535),
      // The server refuses what is not a driver, and says which there are.
      driver: options.driver as DriverName | undefined,
      credential: options.credential,
      jumpHost: options.jump,
      encoding: options.encoding,
      labels: parseLabels(options.label ?? []),
    },
  })
  if (options.json) return printJson(host)
  print(say({ zh: `已新增主机 ${host.name}。`, en: `Added host ${host.name}.` }))
}

export const set = async (
  selector: string,
  pairs: string[],
  options: Json & { readonly credential?: string },
): Promise<void> => {
  const labels = Object.fromEntries(
    Object.entries(parseLabels(pairs)).map(([name, value]) => [name, value === '' ? null : value]),
  )
  const answer = await (await connect()).call(hostRoutes.setLabels, {
    body: { selector, set: labels, credential: options.credential },
  })
  if (options.json) return printJson(answer)
  print(
    say({
      zh: `已修改 ${answer.changed} 台主机。`,
      en: `Changed ${plural(answer.changed, 'host')}.`,
    }),
  )
}

export const remove = async (
  selector: string,
  options: Json & { readonly yes?: boolean },
): Promise<void> => {
  const client = await connect()
  const found = await client.call(hostRoutes.resolve, { body: { selector } })
  if (found.unknown.length > 0) {
    throw new ExitError(
      EXIT_USAGE,
      say({
        zh: `没有这些主机：${found.unknown.join(', ')}`,
        en: `No such hosts: ${found.unknown.join(', ')}`,
      }),
    )
  }
  if (!options.yes) await confirmCount(found.total)
  const answer = await client.call(hostRoutes.remove, { body: { selector, count: found.total } })
  if (options.json) return printJson(answer)
  print(
    say({
      zh: `已删除 ${answer.removed} 台主机。`,
      en: `Deleted ${plural(answer.removed, 'host')}.`,
    }),
  )
}

const confirmCount = async (total: number): Promise<void> => {
  const question = say({
    zh: `将删除 ${total} 台主机，请输入台数确认：`,
    en: `This deletes ${plural(total, 'host')}. Type the number to go on: `,
  })
  if (!canAsk() || (await ask(question)) !== String(total)) {
    throw new ExitError(
      EXIT_USAGE,
      say({
        zh: '未确认，什么都没有做。可加 --yes。',
        en: 'Not confirmed; nothing was done. Add --yes.',
      }),
    )
  }
}

export const importFile = async (
  file: string,
  options: Json & { readonly dryRun?: boolean; readonly unknown?: string },
): Promise<void> => {
  const unknown = unknownChoice(options.unknown)
  const bytes = file === '-' ? await readStdinBytes() : await readLocal(file)
  const client = await connect()
  const body = {
    content: bytes.toString('base64'),
    ...(file === '-' ? {} : { fileName: basename(file) }),
    ...(unknown && { unknown }),
  }
  const preview = await client.call(hostRoutes.previewImport, { body })
  for (const line of ignoredLines(preview.ignored)) warn(line)
  for (const { address, names } of preview.shared)
    warn(
      say({
        zh: `注意：${address} 被用于多个名称：${names.join(', ')}`,
        en: `Note: ${address} stands under several names: ${names.join(', ')}`,
      }),
    )
  if (preview.problems.length > 0 || options.dryRun) {
    if (options.json) printJson(preview)
    for (const problem of preview.problems)
      warn(`${file}:${problem.line}: ${problem.message[lang]}`)
    if (!unknown && preview.unknown.length > 0) {
      const columns = preview.unknown.map(({ column }) => column).join(', ')
      warn(
        say({
          zh: `未识别的列：${columns}。可用 --unknown label 作为标签，或 --unknown ignore 忽略。`,
          en: `Unknown columns: ${columns}. --unknown label takes them as labels, --unknown ignore passes them over.`,
        }),
      )
    }
    if (preview.problems.length > 0) {
      throw new ExitError(
        EXIT_USAGE,
        say({
          zh: `${preview.problems.length} 处有误，未导入任何主机。`,
          en: `${plural(preview.problems.length, 'problem')}; nothing was imported.`,
        }),
      )
    }
    if (!options.json) print(...importLines(preview))
    return
  }
  const answer = await client.call(hostRoutes.import, { body })
  if (options.json) return printJson(answer)
  print(
    say({
      zh: `新增 ${answer.added} 台，更新 ${answer.updated} 台，${answer.same} 台不变。`,
      en: `Added ${answer.added}, updated ${answer.updated}, left ${answer.same} as they are.`,
    }),
  )
}

const unknownChoice = (text: string | undefined): 'label' | 'ignore' | undefined => {
  if (text === undefined || text === 'label' || text === 'ignore') return text
  throw new ExitError(
    EXIT_USAGE,
    say({
      zh: `--unknown 只能是 label 或 ignore：${text}`,
      en: `--unknown is label or ignore: ${text}`,
    }),
  )
}

const readLocal = (file: string): Promise<Buffer> =>
  readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new ExitError(
      EXIT_USAGE,
      say({ zh: `读不了文件 ${file}：${error.code}`, en: `Cannot read ${file}: ${error.code}` }),
    )
  })

export const acceptKey = async (
  name: string,
  options: Json & { readonly fingerprint?: string },
): Promise<void> => {
  const client = await connect()
  const host = await client.call(hostRoutes.show, { params: { id: name } })
  const offered = host.changedKey?.fingerprint
  let fingerprint = options.fingerprint
  if (!fingerprint && offered) {
    warn(
      say({
        zh: `${name} 原密钥 ${host.hostKey?.fingerprint ?? '-'}\n${name} 新密钥 ${offered}\n请在主机控制台用 ssh-keygen -lf 核对。`,
        en: `${name} had ${host.hostKey?.fingerprint ?? '-'}\n${name} now offers ${offered}\nCompare it on the host's console with ssh-keygen -lf.`,
      }),
    )
    if (!canAsk()) {
      throw new ExitError(
        EXIT_USAGE,
        say({
          zh: '核对后请用 --fingerprint 给出新指纹。',
          en: 'Give the new fingerprint with --fingerprint once you have compared it.',
        }),
      )
    }
    const answer = await ask(
      say({ zh: '接受新密钥？输入 yes：', en: 'Accept the new key? Type yes: ' }),
    )
    if (answer !== 'yes')
      throw new ExitError(EXIT_USAGE, say({ zh: '未接受。', en: 'Not accepted.' }))
    fingerprint = offered
  }
  const after = await client.call(hostRoutes.acceptKey, {
    params: { id: host.id },
    body: { fingerprint: fingerprint ?? '' },
  })
  if (options.json) return printJson(after)
  const kept = fingerprint === host.hostKey?.fingerprint
  print(
    kept
      ? say({
          zh: `${name} 保留原密钥，已忘记新密钥。`,
          en: `${name} keeps the key it had; the one it offered is forgotten.`,
        })
      : say({ zh: `已接受 ${name} 的新密钥。`, en: `Accepted the new key of ${name}.` }),
  )
}

export const demo = async (
  options: Json & { readonly hosts: string; readonly yes?: boolean },
): Promise<void> => {
  const hosts = wholeNumber('--hosts', options.hosts, 0, 100_000)
  const client = await connect()
  const resize = (confirmRemoved?: number) =>
    client.call(hostRoutes.demo, { body: { hosts, confirmRemoved } })
  const answer = await resize().catch(async (error: unknown) => {
    if (!(error instanceof ApiError) || error.code !== 'DEMO_SHRINKS') throw error
    const removed = Number(error.details['removed'])
    if (!options.yes) await confirmCount(removed)
    return resize(removed)
  })
  if (options.json) return printJson(answer)
  print(
    say({
      zh: `模拟主机：新增 ${answer.added} 台，移除 ${answer.removed} 台。`,
      en: `Simulated hosts: ${answer.added} added, ${answer.removed} removed.`,
    }),
  )
  if (hosts > 0)
    print(
      say({
        zh: `试试：${omCommand} run system.uptime -t demo=yes`,
        en: `Try: ${omCommand} run system.uptime -t demo=yes`,
      }),
    )
}
