// The folder of a controller: who it is by its certificates, and the key that is its own.

import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EXIT_USAGE, ExitError } from './exit.ts'
import { say } from './lang.ts'
import { bundleFiles, type IdentityFile, identitySchema } from './pki/bundle.ts'
import { makeSealKeys } from './pki/engine-access.ts'
import { reasonOf } from './pki/refuse.ts'

/** Throws ExitError when the folder holds no identity. */
export const readIdentity = (folder: string): IdentityFile => {
  try {
    return identitySchema.parse(
      JSON.parse(readFileSync(join(folder, bundleFiles.identity), 'utf8')),
    )
  } catch (error) {
    throw new ExitError(
      EXIT_USAGE,
      say({
        zh: `${folder} 里没有可用的身份（${bundleFiles.identity}：${reasonOf(error)}）。`,
        en: `${folder} holds no identity (${bundleFiles.identity}: ${reasonOf(error)}).`,
      }),
    )
  }
}

/** PEM; made at the first start. Throws ExitError when others may read it, or the folder cannot be used. */
export const ownSealKey = (folder: string): string => {
  const file = join(folder, bundleFiles.sealKey)
  try {
    if (!existsSync(file)) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      chmodSync(folder, 0o700)
      writeFileSync(file, makeSealKeys().privateKey, { mode: 0o600, flag: 'wx' })
    }
    if ((statSync(file).mode & 0o077) === 0) return readFileSync(file, 'utf8')
  } catch (error) {
    throw new ExitError(
      EXIT_USAGE,
      say({
        zh: `不能使用 ${file}：${reasonOf(error)}`,
        en: `Cannot use ${file}: ${reasonOf(error)}`,
      }),
    )
  }
  throw new ExitError(
    EXIT_USAGE,
    say({
      zh: `别的用户可以读 ${file}。请先 chmod 600，并考虑换一把新密钥。`,
      en: `Other users may read ${file}. Give it mode 600 first, and consider a new key.`,
    }),
  )
}
