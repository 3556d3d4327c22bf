// Passwords: what is strong enough, how they are kept, and the one made for the first start.

import { randomInt } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'
import { Problem, type Text } from '@omserver/core'

const MIN_LENGTH = 10
const MIN_DIFFERENT = 5

/** Argon2id with the library's defaults, which are OWASP's: 19 MiB, two passes. */
export const hashPassword = (password: string): Promise<string> => hash(normal(password))

export const verifyPassword = (stored: string, password: string): Promise<boolean> =>
  verify(stored, normal(password)).catch(() => false)

// The same keys give different code points on different systems.
const normal = (password: string): string => password.normalize('NFKC')

/**
 * Throws Problem('PASSWORD_WEAK', {reason}). Length is what counts: signs of several kinds are not asked for,
 * because they make passwords that people write down.
 */
export const requireStrong = (password: string, name: string): void => {
  const reason = weakness(password, name)
  if (reason) throw new Problem('PASSWORD_WEAK', { reason: { ...reason } })
}

const weakness = (password: string, name: string): Text | undefined => {
  const signs = [...password]
  if (signs.length < MIN_LENGTH) {
    return {
      zh: `至少需要 ${MIN_LENGTH} 个字符，也可以用几个词组成的短语`,
      en: `it needs at least ${MIN_LENGTH} characters; a phrase of a few words is fine`,
    }
  }
  if (new Set(signs).size < MIN_DIFFERENT) {
    return { zh: '重复的字符太多', en: 'too many characters are the same' }
  }
  const lower = password.toLowerCase()
  if (lower.includes(name.toLowerCase()) && signs.length - [...name].length < MIN_LENGTH - 2) {
    return { zh: '不能以用户名为主', en: 'it is little more than the user name' }
  }
  if (inRow(lower)) return { zh: '不能是连续的字符', en: 'it is a plain row of characters' }
  return undefined
}

const rows = ['0123456789', 'abcdefghijklmnopqrstuvwxyz', 'qwertyuiopasdfghjklzxcvbnm']
const inRow = (lower: string): boolean =>
  rows.some(
    (row) => row.repeat(2).includes(lower) || [...row.repeat(2)].reverse().join('').includes(lower),
  )

/** No signs that are taken for one another when they are read from a screen. */
const alphabet = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'

/** `xxxx-xxxx-xxxx-xxxx`: 93 bits. */
export const oneTimePassword = (): string =>
  Array.from({ length: 4 }, () =>
    Array.from({ length: 4 }, () => alphabet[randomInt(alphabet.length)]).join(''),
  ).join('-')
