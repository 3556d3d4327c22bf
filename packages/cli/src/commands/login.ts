// `om login`, `om logout`: a password is exchanged for a token, and only the token is kept.

import { hostname, userInfo } from 'node:os'
import { authRoutes, createClient, userRoutes } from '@omserver/api'
import { forgetAccount, readAccount, writeAccount } from '../account.ts'
import { EXIT_USAGE, ExitError } from '../exit.ts'
import { say } from '../lang.ts'
import { askSecret } from '../prompt.ts'
import { print, readStdin, warn } from '../terminal.ts'

export const login = async (
  url: string,
  options: { readonly user: string; readonly passwordStdin?: boolean },
): Promise<void> => {
  const baseUrl = cleanUrl(url)
  const password = options.passwordStdin
    ? await readStdin()
    : await askSecret(say({ zh: `${options.user} 的密码：`, en: `Password of ${options.user}: ` }))
  const session = createClient({ baseUrl, keepCookies: true })
  const me = await session.call(authRoutes.login, { body: { name: options.user, password } })
  const { token } = await session.call(userRoutes.addToken, {
    body: { name: `om@${hostname()} (${userInfo().username})`, expiresInDays: 365 },
  })
  await session.call(authRoutes.logout, {})
  await writeAccount({ url: baseUrl, token, user: options.user })
  print(
    say({
      zh: `已登录 ${baseUrl}，用户 ${options.user}。`,
      en: `Signed in to ${baseUrl} as ${options.user}.`,
    }),
  )
  if (me.mustChangePassword) {
    warn(
      say({
        zh: '当前仍是一次性初始密码，请在网页登录并修改。',
        en: 'This is still the one-time password: sign in to the web page and change it.',
      }),
    )
  }
}

export const logout = async (): Promise<void> => {
  const account = await readAccount()
  if (account.url && account.token) {
    const client = createClient({ baseUrl: account.url, token: account.token })
    const { items } = await client.call(userRoutes.listTokens, {})
    const name = `om@${hostname()} (${userInfo().username})`
    for (const item of items.filter((one) => one.name === name && one.userName === account.user)) {
      await client.call(userRoutes.removeToken, { params: { id: item.id } })
    }
  }
  await forgetAccount()
  print(say({ zh: '已退出登录。', en: 'Signed out.' }))
}

const cleanUrl = (text: string): string => {
  try {
    const url = new URL(text)
    if (url.protocol === 'http:' || url.protocol === 'https:') return url.origin
  } catch {
    // said below, with the same words as for any other unusable address
  }
  throw new ExitError(
    EXIT_USAGE,
    say({
      zh: `地址应形如 http://127.0.0.1:8640：${text}`,
      en: `The address looks like http://127.0.0.1:8640, not ${text}`,
    }),
  )
}
