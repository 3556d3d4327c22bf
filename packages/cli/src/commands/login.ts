// `om login`, `om logout`: a password is exchanged for a token, and only the token is kept.

import { hostname, userInfo } from 'node:os'
import { ApiError, authRoutes, type Client, createClient, userRoutes } from '@omserver/api'
import { type Account, forgetAccount, readAccount, writeAccount } from '../account.ts'
import { clientOf, exitErrorOf } from '../connection.ts'
import { lang, say } from '../lang.ts'
import { patientFetch } from '../patient-fetch.ts'
import { askSecret, canAsk } from '../prompt.ts'
import { believe, comparedCertificate } from '../server-certificate.ts'
import { serverUrl } from '../server-url.ts'
import { print, printJson, readStdin, warn } from '../terminal.ts'

interface LoginOptions {
  readonly user: string
  readonly passwordStdin?: boolean
  readonly fingerprint?: string
  readonly json?: boolean
}

export const login = async (url: string, options: LoginOptions): Promise<void> => {
  const baseUrl = serverUrl(url)
  try {
    await loginTo(baseUrl, options)
  } catch (error) {
    // Not the server that somebody is signed in to already.
    throw exitErrorOf(error, baseUrl)
  }
}

const loginTo = async (baseUrl: string, options: LoginOptions): Promise<void> => {
  const certificate = await comparedCertificate(baseUrl, options.fingerprint)
  believe(certificate)
  const password = options.passwordStdin
    ? await readStdin()
    : await askSecret(say({ zh: `${options.user} 的密码：`, en: `Password of ${options.user}: ` }))
  const session = createClient({ baseUrl, keepCookies: true, fetch: patientFetch(baseUrl) })
  const me = await session.call(authRoutes.login, { body: { name: options.user, password } })
  // First of all: a token made with the initial password ends with it.
  const isInitial = me.mustChangePassword && !(await replaceInitial(session, password, options))
  const { token } = await session.call(userRoutes.addToken, {
    body: { name: `om@${hostname()} (${userInfo().username})`, expiresInDays: 365 },
  })
  await session.call(authRoutes.logout, {})
  await writeAccount({ url: baseUrl, token, user: options.user, certificate })
  // The token itself stays in its file.
  if (options.json) printJson({ url: baseUrl, user: options.user, mustChangePassword: isInitial })
  else
    print(
      say({
        zh: `已登录 ${baseUrl}，用户 ${options.user}。`,
        en: `Signed in to ${baseUrl} as ${options.user}.`,
      }),
    )
  if (isInitial) {
    warn(
      say({
        zh: '当前仍是一次性初始密码，请在网页登录并修改；修改后此令牌失效，需再次 om login。',
        en: 'This is still the one-time password: sign in to the web page and change it. This token ends then; run om login again.',
      }),
    )
  }
}

/** false: there is nobody at a terminal to choose one. */
const replaceInitial = async (
  session: Client,
  current: string,
  { user, passwordStdin }: { readonly user: string; readonly passwordStdin?: boolean },
): Promise<boolean> => {
  if (passwordStdin || !canAsk()) return false
  warn(
    say({
      zh: `${user} 的密码是系统或管理员给的，请换成只有您知道的。`,
      en: `This password was given to ${user}. Choose one of your own.`,
    }),
  )
  for (;;) {
    const next = await askSecret(say({ zh: '新密码：', en: 'New password: ' }))
    const again = await askSecret(say({ zh: '再输入一次：', en: 'Once more: ' }))
    if (next !== again) {
      warn(say({ zh: '两次输入不一致。', en: 'The two differ.' }))
      continue
    }
    try {
      await session.call(authRoutes.changePassword, { body: { current, next } })
      return true
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'PASSWORD_WEAK') throw error
      warn(error.text[lang])
    }
  }
}

export const logout = async (options: { readonly json?: boolean }): Promise<void> => {
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
  if (options.json) return printJson({ signedOut: true, revoked })
  print(say({ zh: '已退出登录。', en: 'Signed out.' }))
}

const revoke = async (account: Partial<Account>): Promise<void> => {
  if (!account.url || !account.token) return
  const client = clientOf({ ...account, token: account.token })
  const { items } = await client.call(userRoutes.listTokens, {})
  const name = `om@${hostname()} (${userInfo().username})`
  for (const item of items.filter((one) => one.name === name && one.userName === account.user)) {
    await client.call(userRoutes.removeToken, { params: { id: item.id } })
  }
}
