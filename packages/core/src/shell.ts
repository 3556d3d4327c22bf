// Commands as data: `sh` keeps every value apart from the shell text around it, and quotes it when it is rendered.

import type { Command, CommandPart, ProcessOptions, ShellAction } from './action.ts'
import { Problem } from './problem.ts'
import { shellReader } from './shell-context.ts'

/** Shell text taken as it is. The only way to put text into a command unquoted. */
export interface Raw {
  readonly kind: 'raw'
  readonly text: string
}

/** A list becomes its members, each quoted, with a space between them; an empty list becomes nothing. */
export type ShellValue =
  | string
  | number
  | readonly (string | number)[]
  | { readonly var: string }
  | Raw

export interface ShellOptions extends ProcessOptions {
  readonly endsBy?: 'exit' | 'disconnect'
}

export interface ShellTag {
  (strings: TemplateStringsArray, ...values: readonly ShellValue[]): ShellAction
  /** A tag whose commands carry these options, over those of this tag. */
  readonly with: (options: ShellOptions) => ShellTag
}

export const raw = (text: string): Raw => ({ kind: 'raw', text })

/** A variable of the host (`host.name`, `host.address`, `host.labels.idc`), filled in by the controller. */
export const hostVar = (name: string): { readonly var: string } => ({ var: name })

// Leading dashes stay bare: quotes would not stop a program from reading them as options. `=` and `~` are left
// out, because they mean something to a shell at the start of a word.
const plainWord = /^[A-Za-z0-9_@%+:,./-]+$/
const shellKeyword =
  /^(?:if|then|else|elif|fi|do|done|case|esac|while|until|for|in|function|select|time|coproc)$/

/**
 * One word for a POSIX shell. Words of plain letters stay bare; all else stands in single quotes.
 * Throws Problem SHELL_VALUE_NUL: no argument of a process can hold a NUL.
 */
export const quote = (value: string): string => {
  if (value.includes('\0')) throw new Problem('SHELL_VALUE_NUL', { at: value.indexOf('\0') })
  return plainWord.test(value) && !shellKeyword.test(value) ? value : inQuotes(value)
}

const inQuotes = (value: string): string => `'${value.replaceAll("'", `'\\''`)}'`

/** A bare number right before `<` or `>` would be read as the number of a file. */
const quoteBefore = (value: string, next: CommandPart | undefined): string =>
  typeof next === 'string' && /^[<>]/.test(next) && /^\d+$/.test(value)
    ? inQuotes(value)
    : quote(value)

const partsOf = (value: ShellValue, index: number): CommandPart[] => {
  if (typeof value === 'string') return [{ value: checked(value) }]
  if (typeof value === 'number' && Number.isFinite(value)) return [{ value: String(value) }]
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, n) => {
      if (typeof item !== 'string' && !(typeof item === 'number' && Number.isFinite(item)))
        throw refused(item, index)
      const word = { value: checked(String(item)) }
      return n === 0 ? [word] : [' ', word]
    })
  }
  if (isObject(value)) {
    if ('var' in value && typeof value.var === 'string') return [{ var: value.var }]
    if (
      'kind' in value &&
      value.kind === 'raw' &&
      'text' in value &&
      typeof value.text === 'string'
    )
      return [checked(value.text)]
  }
  throw refused(value, index)
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

const checked = (text: string): string => {
  if (text.includes('\0')) throw new Problem('SHELL_VALUE_NUL', { at: text.indexOf('\0') })
  return text
}

// Says the type and never the value: it may be a secret.
const refused = (value: unknown, index: number): Problem => {
  const kind =
    isObject(value) && 'kind' in value && value.kind === 'secret' ? 'secret' : typeof value
  return new Problem(kind === 'secret' ? 'SHELL_VALUE_SECRET' : 'SHELL_VALUE_TYPE', {
    type: value === null ? 'null' : typeof value === 'number' ? String(value) : kind,
    place: index + 1,
  })
}

/** Neighbouring texts as one, empty ones dropped: the same command is then the same data. */
const tidy = (parts: readonly CommandPart[]): Command => {
  const tidied: CommandPart[] = []
  for (const part of parts) {
    const last = tidied.at(-1)
    if (typeof part !== 'string') tidied.push(part)
    else if (typeof last === 'string') tidied[tidied.length - 1] = last + part
    else if (part !== '') tidied.push(part)
  }
  return tidied
}

/** Refuses a value inside quotes, a comment or a here-document: its own quotes would not hold there. */
const commandOf = (texts: readonly string[], values: readonly ShellValue[]): Command => {
  const reader = shellReader()
  const parts: CommandPart[] = []
  for (const [index, text] of texts.entries()) {
    const written = checked(authorText(text))
    parts.push(written)
    reader.read(written)
    if (index >= values.length) continue
    const added = partsOf(values[index] as ShellValue, index)
    parts.push(...added)
    const [first] = added
    if (added.length === 1 && typeof first === 'string') reader.read(first)
    else if (reader.context() === 'plain') reader.readWord()
    else throw new Problem('SHELL_VALUE_IN_QUOTES', { place: index + 1, after: written.slice(-40) })
  }
  return tidy(parts)
}

const tagWith = (options: ShellOptions): ShellTag =>
  Object.assign(
    (strings: TemplateStringsArray, ...values: readonly ShellValue[]): ShellAction => ({
      kind: 'shell',
      // `raw`: `\n` and `\.` in a command are the shell's (or awk's, or sed's) to read, not JavaScript's.
      command: commandOf(strings.raw, values),
      ...options,
    }),
    { with: (more: ShellOptions) => tagWith({ ...options, ...more }) },
  )

// A back quote and `${` cannot be written in a template without a backslash that is JavaScript's own.
const authorText = (text: string): string => text.replaceAll('\\`', '`').replaceAll('\\${', '${')

/**
 * A command for `/bin/sh`: sh`systemctl restart ${service}`. Text is taken as its author wrote it (backslashes
 * too, except before a back quote and `${`), values are quoted. A value stands as a word of its own or as part
 * of one, never inside quotes of the text. Throws Problem SHELL_VALUE_NUL, SHELL_VALUE_TYPE (booleans,
 * undefined …), SHELL_VALUE_IN_QUOTES, SHELL_VALUE_SECRET (secrets belong into `env` or `stdin`).
 */
export const sh: ShellTag = tagWith({})

const rendered = (command: Command, wordOf: (name: string) => string | undefined): string =>
  command
    .map((part, index) => {
      if (typeof part === 'string') return part
      const next = command[index + 1]
      if ('value' in part) return quoteBefore(part.value, next)
      const value = wordOf(part.var)
      return value === undefined ? `{${part.var}}` : quoteBefore(value, next)
    })
    .join('')

/** The exact text for `/bin/sh`. Throws Problem VAR_UNSET {name} for a variable the host does not have. */
export const renderCommand = (command: Command, vars: Readonly<Record<string, string>>): string =>
  rendered(command, (name) => {
    const value = Object.hasOwn(vars, name) ? vars[name] : undefined
    if (value === undefined) throw new Problem('VAR_UNSET', { name })
    return value
  })

/** The command as people read it before it runs: variables stand as `{host.name}`. */
export const previewCommand = (command: Command): string => rendered(command, () => undefined)
