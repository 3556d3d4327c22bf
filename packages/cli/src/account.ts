// Where the command line remembers its server and token: ~/.config/omserver/account.json, mode 0600.

import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { serverUrl } from './server-url.ts'

const accountSchema = z.object({
  url: z.url(),
  token: z.string(),
  user: z.string().optional(),
  /** PEM of a self-made certificate that was compared at sign-in. */
  certificate: z.string().optional(),
})
export type Account = z.output<typeof accountSchema>

const accountFile = (env: NodeJS.ProcessEnv = process.env): string =>
  join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'omserver', 'account.json')

/** OM_URL and OM_TOKEN win over the file; undefined when neither says where the server is. */
export const readAccount = async (
  env: NodeJS.ProcessEnv = process.env,
): Promise<Partial<Account>> => {
  const stored = await readFile(accountFile(env), 'utf8')
    .then((text) => accountSchema.safeParse(JSON.parse(text)).data)
    // Absent, or damaged: as if nobody had signed in.
    .catch(() => undefined)
  const url = env['OM_URL'] ? serverUrl(env['OM_URL']) : undefined
  return {
    ...stored,
    // A token belongs to the server it was made on: another URL must not be sent the stored one.
    ...(url && url !== stored?.url ? { url, token: undefined, certificate: undefined } : {}),
    ...(env['OM_TOKEN'] ? { token: env['OM_TOKEN'] } : {}),
  }
}

export const writeAccount = async (account: Account): Promise<void> => {
  const file = accountFile()
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  // A new file: written into an old one, the token would have the old one's mode for a moment.
  const half = `${file}.${randomUUID()}`
  await writeFile(half, `${JSON.stringify(account, null, 2)}\n`, { mode: 0o600 })
  await rename(half, file)
}

export const forgetAccount = (): Promise<void> => rm(accountFile(), { force: true })
