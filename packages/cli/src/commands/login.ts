// `om login`, `om logout`: a password is exchanged for a token, and only the token is kept.

import { hostname, userInfo } from 'node:os'
import { authRoutes, createClient, userRoutes } from '@omserver/api'
import { type Account, forgetAccount, readAccount, writeAccount } from '../account.ts'
import { say } from '../lang.ts'
import { askSecret } from '../prompt.ts'
import { serverUrl } from '../server-url.ts'
import { print, readStdin, warn } from '../terminal.ts'

export const login = async (
  url: string,
  options: { readonly user: string; readonly passwordStdin?: boolean },
): Promise<void> => {
  const baseUrl = serverUrl(url)
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
  // The server may be gone for good: what is stored here is forgotten in any case.
  const revoked = await revoke(account).then(
    () => true,
    () => false,
  )
  await forgetAccount()
  if (!revoked) {
    warn(
      say({
        zh: '服务器未能吊销令牌（连不上或令牌已失效）；本机已不再保存。需要时请在网页的令牌页吊销。',
        en: 'The server did not revoke the token (out of reach, or no longer valid); it is forgotten here. Revoke it on the page of tokens if it still stands there.',
      }),
    )
  }
  print(say({ zh: '已退出登录。', en: 'Signed out.' }))
}

const revoke = async (account: Partial<Account>): Promise<void> => {
  if (!account.url || !account.token) return
  const client = createClient({ baseUrl: account.url, token: account.token })
  const { items } = await client.call(userRoutes.listTokens, {})
  const name = `om@${hostname()} (${userInfo().username})`
  for (const item of items.filter((one) => one.name === name && one.userName === account.user)) {
    await client.call(userRoutes.removeToken, { params: { id: item.id } })
  }
}
