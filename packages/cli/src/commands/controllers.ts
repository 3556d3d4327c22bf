// `om controllers …`: who carries runs out in each IDC, and what is wrong there.

import { type ControllerView, controllerRoutes, type Trouble } from '@omserver/api'
import { connect } from '../connection.ts'
import { lang, say } from '../lang.ts'
import { print, printJson, tableLines, warn } from '../terminal.ts'

interface Json {
  readonly json?: boolean
}

const stateText = {
  online: { zh: '在线', en: 'online' },
  draining: { zh: '排空中', en: 'draining' },
  offline: { zh: '离线', en: 'offline' },
  notEnrolled: { zh: '未登记', en: 'not enrolled' },
  revoked: { zh: '已吊销', en: 'revoked' },
} as const

const enrolledBy = (enrolled: ControllerView['enrolled']): string => {
  if (enrolled === null) return '-'
  return enrolled.how === 'person' ? enrolled.by : say({ zh: '证书', en: 'certificate' })
}

const tell = (of: string, troubles: readonly Trouble[]): void => {
  for (const { what, todo } of troubles) {
    warn(`${of}: ${what[lang]}`)
    warn(`  ${todo[lang]}`)
  }
}

export const list = async (options: Json): Promise<void> => {
  const answer = await (await connect()).call(controllerRoutes.list, {})
  if (options.json) return printJson(answer)
  print(
    ...tableLines(
      [
        say({ zh: '主控端', en: 'CONTROLLER' }),
        say({ zh: '状态', en: 'STATE' }),
        say({ zh: '机房', en: 'IDC' }),
        say({ zh: '版本', en: 'VERSION' }),
        say({ zh: '执行通道', en: 'DRIVERS' }),
        say({ zh: '执行中', en: 'IN FLIGHT' }),
        say({ zh: '负载', en: 'LOAD' }),
        say({ zh: '登记方式', en: 'ENROLLED BY' }),
        say({ zh: '证书到期', en: 'CERTIFICATE ENDS' }),
        say({ zh: '指纹', en: 'FINGERPRINT' }),
      ],
      answer.items.map(({ name, state, idcs, presence, fingerprint, enrolled, certificate }) => [
        name,
        say(stateText[state]),
        idcs.join(','),
        presence?.version || '-',
        presence?.drivers.join(',') || '-',
        presence === null ? '-' : String(presence.inFlight),
        presence === null ? '-' : String(presence.load),
        enrolledBy(enrolled),
        certificate === null ? '-' : new Date(certificate.endsAt).toISOString().slice(0, 10),
        fingerprint ?? '-',
      ]),
    ),
    '',
    ...tableLines(
      [
        say({ zh: '机房', en: 'IDC' }),
        say({ zh: '主机', en: 'HOSTS' }),
        say({ zh: '在线主控端', en: 'CONTROLLERS' }),
        say({ zh: '等待的分片', en: 'WAITING' }),
        say({ zh: '执行中的分片', en: 'HELD' }),
        say({ zh: '未入库', en: 'LAG' }),
      ],
      answer.idcs.map(({ idc, hosts, controllers, waiting, leased, behind }) => [
        idc,
        String(hosts),
        String(controllers),
        waiting === null ? '-' : String(waiting),
        leased === null ? '-' : String(leased),
        behind === null ? '-' : String(behind),
      ]),
    ),
  )
  for (const { name, troubles } of answer.items) tell(name, troubles)
  for (const { idc, troubles } of answer.idcs) tell(idc, troubles)
}

export const enroll = async (
  name: string,
  options: Json & { readonly idc: string; readonly key: string },
): Promise<void> => {
  const body = { name, idc: options.idc, sealKey: options.key }
  const one = await (await connect()).call(controllerRoutes.enroll, { body })
  if (options.json) return printJson(one)
  print(
    say({
      zh: `已登记主控端 ${name}（机房 ${options.idc}），指纹 ${one.fingerprint}。`,
      en: `Enrolled the controller ${name} in IDC ${options.idc}, fingerprint ${one.fingerprint}.`,
    }),
  )
}

export const revoke = async (name: string, options: Json): Promise<void> => {
  const one = await (await connect()).call(controllerRoutes.revoke, { params: { name } })
  if (options.json) return printJson(one)
  print(
    say({
      zh: `已吊销主控端 ${name}。还须吊销它的证书并重新加载 nats-server 的配置。`,
      en: `Revoked the controller ${name}. Revoke its certificate, too, and reload the configuration of nats-server.`,
    }),
  )
}

export const drain = async (name: string, draining: boolean, options: Json): Promise<void> => {
  const params = { name }
  const one = await (await connect()).call(controllerRoutes.drain, {
    params,
    body: { drain: draining },
  })
  if (options.json) return printJson(one)
  print(
    draining
      ? say({
          zh: `主控端 ${name} 不再接新的主机，执行中的会做完；om controllers 可看何时归零。`,
          en: `The controller ${name} takes nothing more; what is in flight goes on to its end. om controllers shows when nothing is left.`,
        })
      : say({ zh: `主控端 ${name} 恢复接活。`, en: `The controller ${name} takes work again.` }),
  )
}
