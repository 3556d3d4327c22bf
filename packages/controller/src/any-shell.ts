// Quotes a command so that any login shell (sh, bash, zsh, ksh, csh, tcsh, fish) starts the same program.

import { quote } from '@omserver/core'

const plain = /^[A-Za-z0-9_@+:,./-]+$/

/**
 * One word for any login shell. `'`, `\` and `!` leave the quotes, because fish reads backslashes inside them and
 * csh reads `!`. A line break has no spelling that csh and sh share: `commandLine` never passes one in.
 */
const quoteForAny = (word: string): string =>
  plain.test(word) ? word : `'${word.replace(/['\\!]/g, (sign) => `'\\${sign}'`)}'`

/** What `printf %b` turns back into `text`, in signs that no shell treats specially inside single quotes. */
const escapeForPrintf = (text: string): string =>
  text.replace(/['\\!\n\r]/g, (sign) => `\\0${sign.charCodeAt(0).toString(8).padStart(3, '0')}`)

/**
 * The line that a login shell turns into `argv`, in the login shell's own process.
 * @param argv words; a word must not end in line breaks that matter
 */
export const commandLine = (argv: readonly string[], input: 'given' | 'none'): string => {
  const end = input === 'none' ? ' </dev/null' : ''
  if (!argv.some((word) => word.includes('\n'))) {
    return `exec ${argv.map(quoteForAny).join(' ')}${end}`
  }
  const decoded: string[] = []
  const words = argv.map((word) => {
    if (!word.includes('\n')) return quote(word)
    decoded.push(word)
    return `"$(printf %b "$${decoded.length}")"`
  })
  const outer = ['/bin/sh', '-c', `exec ${words.join(' ')}`, 'sh'].map(quoteForAny).join(' ')
  return `exec ${outer} ${decoded.map((word) => `'${escapeForPrintf(word)}'`).join(' ')}${end}`
}
