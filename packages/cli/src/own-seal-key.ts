// The key of a controller that is its own: made once, and closed to everybody else.

import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundleFiles } from './pki/bundle.ts'
import { makeSealKeys } from './pki/engine-access.ts'
import { reasonOf, refusal } from './pki/refuse.ts'

/** PEM; made at the first start. Throws ExitError when others may read it, or the folder cannot be used. */
export const ownSealKey = (folder: string): string => {
  const file = join(folder, bundleFiles.sealKey)
  try {
    if (!existsSync(file)) {
      // One that is there keeps its mode: it may be somebody else's, too.
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      writeFileSync(file, makeSealKeys().privateKey, { mode: 0o600, flag: 'wx' })
    }
    if ((statSync(file).mode & 0o077) === 0) return readFileSync(file, 'utf8')
  } catch (error) {
    throw refusal(`不能使用 ${file}：${reasonOf(error)}`, `Cannot use ${file}: ${reasonOf(error)}`)
  }
  throw refusal(
    `别的用户可以读 ${file}。请先 chmod 600，并考虑换一把新密钥。`,
    `Other users may read ${file}. Give it mode 600 first, and consider a new key.`,
  )
}
