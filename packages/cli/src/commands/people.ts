// `om groups`, `om users`, `om tokens`.

import { hostRoutes, userRoutes } from '@omserver/api'
import { roles } from '@omserver/core'
import { connect } from '../connection.ts'
import { plural } from '../counts.ts'
import { EXIT_USAGE, ExitError } from '../exit.ts'
import { say } from '../lang.ts'
import { askSecret } from '../prompt.ts'
import { print, printJson, readStdin, tableLines } from '../terminal.ts'
import { wholeNumber } from '../whole-number.ts'

interface Json {
  readonly json?: boolean
}

const done = (options: Json, value: unknown, zh: string, en: string): void =>
  options.json ? printJson(value) : print(say({ zh, en }))

/** Items are named by people and known by id: either may be given. */
const idOf = (items: readonly { id: string; name: string }[], given: string): string =>
  items.find((item) => item.name === given || item.id === given)?.id ?? given

const day = (time: number | null): string =>
  time === null ? '-' : new Date(time).toISOString().slice(0, 10)

export const listGroups = async (options: Json): Promise<void> => {
  const answer = await (await connect()).call(hostRoutes.listGroups, {})
  if (options.json) return printJson(answer)
  print(
    ...tableLines(
      [
        say({ zh: '分组', en: 'GROUP' }),
        say({ zh: '主机', en: 'HOSTS' }),
        say({ zh: '操作对象', en: 'SELECTOR' }),
      ],
      answer.items.map((group) => [group.name, String(group.hosts), group.selector]),
    ),
  )
}

export const addGroup = async (name: string, selector: string, options: Json): Promise<void> => {
  const group = await (await connect()).call(hostRoutes.addGroup, { body: { name, selector } })
  done(
    options,
    group,
    `已新增分组 ${name}（${group.hosts} 台主机）。`,
    `Added group ${name} (${plural(group.hosts, 'host')}).`,
  )
}

export const removeGroup = async (name: string, options: Json): Promise<void> => {
  const client = await connect()
  const id = idOf((await client.call(hostRoutes.listGroups, {})).items, name)
  const answer = await client.call(hostRoutes.removeGroup, { params: { id } })
  done(options, answer, `已删除分组 ${name}。`, `Deleted group ${name}.`)
}

export const listUsers = async (options: Json): Promise<void> => {
  const answer = await (await connect()).call(userRoutes.list, {})
  if (options.json) return printJson(answer)
  print(
    ...tableLines(
      [
        say({ zh: '用户', en: 'USER' }),
        say({ zh: '角色', en: 'ROLE' }),
        say({ zh: '状态', en: 'STATE' }),
        say({ zh: '最近登录', en: 'LAST LOGIN' }),
        say({ zh: '授权', en: 'GRANTS' }),
      ],
      answer.items.map((user) => [
        user.name,
        user.role,
        user.disabled ? say({ zh: '停用', en: 'disabled' }) : say({ zh: '正常', en: 'active' }),
        day(user.lastLoginAt),
        user.grants.map((grant) => `${grant.modules.join(',')}@${grant.selector}`).join('  '),
      ]),
    ),
  )
}

const parseGrant = (text: string) => {
  const at = text.indexOf('@')
  if (at < 1 || at === text.length - 1) {
    throw new ExitError(
      EXIT_USAGE,
      say({
        zh: `授权写法应为 任务模块@操作对象，如 service.*@env=staging：${text}`,
        en: `A grant is written modules@selector, e.g. service.*@env=staging: ${text}`,
      }),
    )
  }
  return { modules: text.slice(0, at).split(','), selector: text.slice(at + 1) }
}

interface AddUserOptions extends Json {
  readonly role: string
  readonly displayName?: string
  readonly grant?: string[]
  readonly passwordStdin?: boolean
}

export const addUser = async (name: string, options: AddUserOptions): Promise<void> => {
  const role = roles.find((known) => known === options.role)
  if (!role) {
    throw new ExitError(
      EXIT_USAGE,
      say({
        zh: `角色应为 ${roles.join('、')}：${options.role}`,
        en: `The role is one of ${roles.join(', ')}, not ${options.role}`,
      }),
    )
  }
  const grants = (options.grant ?? []).map(parseGrant)
  const password = options.passwordStdin
    ? await readStdin()
    : await askSecret(say({ zh: `${name} 的初始密码：`, en: `Initial password of ${name}: ` }))
  const user = await (await connect()).call(userRoutes.add, {
    body: { name, role, password, grants, displayName: options.displayName },
  })
  done(
    options,
    user,
    `已新增用户 ${name}（${role}）。首次登录时须自选新密码。`,
    `Added user ${name} (${role}). At the first sign-in a new password must be chosen.`,
  )
}

export const removeUser = async (name: string, options: Json): Promise<void> => {
  const client = await connect()
  const id = idOf((await client.call(userRoutes.list, {})).items, name)
  const answer = await client.call(userRoutes.remove, { params: { id } })
  done(options, answer, `已删除用户 ${name}。`, `Deleted user ${name}.`)
}

export const listTokens = async (options: Json): Promise<void> => {
  const answer = await (await connect()).call(userRoutes.listTokens, {})
  if (options.json) return printJson(answer)
  print(
    ...tableLines(
      [
        say({ zh: '令牌', en: 'TOKEN' }),
        say({ zh: '用户', en: 'USER' }),
        say({ zh: '新增于', en: 'ADDED' }),
        say({ zh: '到期', en: 'EXPIRES' }),
        say({ zh: '最近使用', en: 'LAST USED' }),
        'ID',
      ],
      answer.items.map((token) => [
        token.name,
        token.userName,
        day(token.createdAt),
        day(token.expiresAt),
        day(token.lastUsedAt),
        token.id,
      ]),
    ),
  )
}

export const addToken = async (
  name: string,
  options: Json & { readonly days?: string },
): Promise<void> => {
  const token = await (await connect()).call(userRoutes.addToken, {
    body: { name, expiresInDays: wholeNumber('--days', options.days, 1, 3650) ?? null },
  })
  if (options.json) return printJson(token)
  print(say({ zh: '令牌只显示这一次：', en: 'The token is shown only this once:' }), token.token)
}

export const removeToken = async (given: string, options: Json): Promise<void> => {
  const client = await connect()
  const id = idOf((await client.call(userRoutes.listTokens, {})).items, given)
  const answer = await client.call(userRoutes.removeToken, { params: { id } })
  done(options, answer, `已吊销令牌 ${given}。`, `Revoked token ${given}.`)
}
