// Reaches the controllers of an IDC without the server, with the identity of a client that `om pki` has issued.

import { type DirectClient, openDirectClient, signingOf } from '@omserver/engine/client'
import { EXIT_USAGE, ExitError } from '../exit.ts'
import { omCommand } from '../invoked-as.ts'
import { say } from '../lang.ts'
import { ownSealKey } from '../own-seal-key.ts'
import { natsOptionsOf, readIdentity } from '../pki/bundle.ts'
import { identityFolder } from '../pki/identity-folder.ts'

/** `om --direct URL --pki DIR`. */
export interface Direct {
  readonly url: string
  readonly pki?: string
}

const CONNECT_MS = 10_000

/** Throws ExitError when the folder holds no client. */
export const connectDirect = async ({ url, pki }: Direct): Promise<DirectClient> => {
  if (pki === undefined) {
    throw new ExitError(
      EXIT_USAGE,
      say({
        zh: '--direct 还需要 --pki：管理员用 om pki issue 签发的客户端身份目录。',
        en: '--direct also takes --pki: the folder of a client that an administrator has issued with om pki issue.',
      }),
    )
  }
  const folder = identityFolder(pki, { kind: 'client' })
  const { kind, idc, name } = readIdentity(folder)
  if (kind !== 'client' || idc === undefined) {
    throw new ExitError(
      EXIT_USAGE,
      say({
        zh: `${folder} 是 ${kind} ${name} 的身份；--direct 需要客户端的身份（om pki issue 目录 client 名称 --idc 机房）。`,
        en: `${folder} is the identity of the ${kind} ${name}; --direct takes that of a client (om pki issue DIR client NAME --idc IDC).`,
      }),
    )
  }
  const nats = { ...natsOptionsOf(folder), servers: url.split(','), connectWithinMs: CONNECT_MS }
  const clock = { now: () => Date.now(), monotonic: () => performance.now() }
  const signing = await signingOf(nats, clock)
  if (!signing) throw new Error(`${folder} has no certificate`)
  return openDirectClient({
    nats: { ...nats, signing },
    idc,
    sealKey: ownSealKey(folder),
    now: clock.now,
  })
}

/** The same command line again, for a hint that works when it is pasted. */
export const directCommand = ({ url, pki }: Direct, more: string): string =>
  `${omCommand} --direct ${url} --pki ${pki} ${more}`
