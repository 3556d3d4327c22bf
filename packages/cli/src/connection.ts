// The client of the present account, and errors of the server turned into messages and exit codes.

import { ApiError, type Client, createClient, errorText } from '@omserver/api'
import { Problem } from '@omserver/core'
import { type Account, readAccount } from './account.ts'
import { EXIT_SERVER, EXIT_USAGE, ExitError } from './exit.ts'
import { omCommand } from './invoked-as.ts'
import { lang, say } from './lang.ts'
import { patientFetch } from './patient-fetch.ts'
import { believe, certificateAdvice } from './server-certificate.ts'

const DEFAULT_URL = 'http://127.0.0.1:8640'

export const connect = async (): Promise<Client> => {
  const account = await readAccount()
  if (!account.token) {
    throw new ExitError(
      EXIT_SERVER,
      say({
        zh: `尚未登录。请先运行 ${omCommand} login ${account.url ?? DEFAULT_URL} --user 用户名，或设置 OM_URL 与 OM_TOKEN。`,
        en: `Not signed in. Run ${omCommand} login ${account.url ?? DEFAULT_URL} --user NAME, or set OM_URL and OM_TOKEN.`,
      }),
    )
  }
  return clientOf({ ...account, token: account.token })
}

/** A client of this account, which also believes the certificate that was compared for it. */
export const clientOf = (account: Partial<Account> & { readonly token: string }): Client => {
  believe(account.certificate)
  const baseUrl = account.url ?? DEFAULT_URL
  return createClient({ baseUrl, token: account.token, fetch: patientFetch(baseUrl) })
}

// Statuses a program treats as "the server said no to me", not "my input is wrong".
const deniedStatuses = new Set([401, 403, 429])

/** Also what answers with an error that is no OMServer's: the server was not reached, a proxy perhaps was. */
const isServers = ({ code, status }: ApiError): boolean =>
  code === 'HTTP' || status >= 500 || deniedStatuses.has(status)

/** Every error that may leave a command, as a message and an exit code. */
export const exitErrorOf = (error: unknown, url?: string): ExitError => {
  if (error instanceof ExitError) return error
  if (error instanceof ApiError) {
    return new ExitError(
      isServers(error) ? EXIT_SERVER : EXIT_USAGE,
      `${error.text[lang]} (${error.code})`,
    )
  }
  // Found wrong here, before the server was asked: a duration, a selector.
  if (error instanceof Problem) {
    return new ExitError(
      EXIT_USAGE,
      `${errorText(error.code, error.details)[lang]} (${error.code})`,
    )
  }
  const advice = error instanceof Error ? certificateAdvice(error.cause) : undefined
  if (advice !== undefined) return new ExitError(EXIT_SERVER, advice)
  const cause = causeOf(error)
  if (error instanceof TypeError && /fetch|network|terminated/i.test(error.message)) {
    return new ExitError(
      EXIT_SERVER,
      say({
        zh: `连不上服务器${url ? ` ${url}` : ''}：${cause}。请确认服务端正在运行、地址无误。`,
        en: `Cannot reach the server${url ? ` ${url}` : ''}: ${cause}. Check that the server is running and the address is right.`,
      }),
    )
  }
  return new ExitError(EXIT_SERVER, error instanceof Error ? error.message : String(error))
}

const causeOf = (error: unknown): string => {
  const cause = error instanceof Error ? error.cause : undefined
  if (cause instanceof Error)
    return cause.message || (cause as NodeJS.ErrnoException).code || cause.name
  return error instanceof Error ? error.message : String(error)
}
