// `om clients …`: who may begin runs in an IDC without the server.

import { clientRoutes } from '@omserver/api'
import { connect } from '../connection.ts'
import { lang, say } from '../lang.ts'
import { print, printJson, tableLines, warn } from '../terminal.ts'

interface Json {
  readonly json?: boolean
}

const timeText = (time: number): string =>
  new Date(time).toLocaleString(lang === 'zh' ? 'zh-CN' : 'en-GB', { hour12: false })

export const list = async (options: Json): Promise<void> => {
  const answer = await (await connect()).call(clientRoutes.list, {})
  if (options.json) return printJson(answer)
  print(
    ...tableLines(
      [
        say({ zh: '客户端', en: 'CLIENT' }),
        say({ zh: '机房', en: 'IDC' }),
        say({ zh: '用户', en: 'USER' }),
        say({ zh: '允许者', en: 'ALLOWED BY' }),
        say({ zh: '时间', en: 'AT' }),
      ],
      answer.items.map(({ client, idc, user, allowed }) => [
        client,
        idc,
        user || '-',
        allowed.by,
        timeText(allowed.at),
      ]),
    ),
    '',
    ...tableLines(
      [
        say({ zh: '机房', en: 'IDC' }),
        say({ zh: '快照中的主机', en: 'HOSTS TOLD' }),
        say({ zh: '写出', en: 'WRITTEN' }),
        say({ zh: '有效至', en: 'COUNTS UNTIL' }),
      ],
      answer.books.map(({ idc, hosts, writtenAt, until }) => [
        idc,
        String(hosts),
        timeText(writtenAt),
        timeText(until),
      ]),
    ),
  )
  for (const { idc, what } of answer.troubles) warn(`${idc}: ${what[lang]}`)
}

export const allow = async (
  user: string,
  options: Json & { readonly idc: string; readonly client?: string },
): Promise<void> => {
  const body = { idc: options.idc, client: options.client ?? user, user }
  const one = await (await connect()).call(clientRoutes.allow, { body })
  if (options.json) return printJson(one)
  print(
    say({
      zh: `客户端 ${one.client} 可以在机房 ${one.idc} 直接发起执行，权限同用户 ${one.user}。该机房主机的登录凭据会加密存放到那里的主控端。`,
      en: `The client ${one.client} may begin runs in IDC ${one.idc}, with the rights of the user ${one.user}. The logins of its hosts are kept there for its controllers, encrypted.`,
    }),
  )
}

export const deny = async (
  client: string,
  options: Json & { readonly idc: string },
): Promise<void> => {
  const input = { params: { client }, body: { idc: options.idc } }
  const answer = await (await connect()).call(clientRoutes.deny, input)
  if (options.json) return printJson(answer)
  print(
    say({
      zh: `客户端 ${client} 不能再在机房 ${options.idc} 直接发起执行；机房连得上时几秒内生效。`,
      en: `The client ${client} may begin no more runs in IDC ${options.idc}; its controllers know within seconds when they can be reached.`,
    }),
  )
}
