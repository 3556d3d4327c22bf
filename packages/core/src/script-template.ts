// Scripts with `{{name}}` in them: parameters reach the script as variables, so that no value is ever read as code.

import type { Interpreter } from './action.ts'
import type { Json } from './json.ts'
import { Problem } from './problem.ts'
import { pyReader } from './py-context.ts'
import { isSecretRef, type SecretRef } from './secret.ts'
import { quote } from './shell.ts'
import { shellReader } from './shell-context.ts'

export interface FilledScript {
  readonly content: string
  /** Secret parameters, by the variable the script reads them from. */
  readonly env: Readonly<Record<string, SecretRef>>
}

type Params = Readonly<Record<string, Json | SecretRef | undefined>>

// Only `{{name}}`: `{{.Names}}` of docker and `{{ json . }}` stay the script's own. `\{{name}}` is not a placeholder.
const placeholder = /(\\?)\{\{[ \t]*([A-Za-z][A-Za-z0-9_]*)[ \t]*\}\}/g

/** Names of the parameters a script uses, in order, each once. */
export const templateParams = (template: string): string[] => [
  ...new Set(
    [...template.matchAll(placeholder)]
      .filter(([, backslash]) => backslash === '')
      .map(([, , name]) => name ?? ''),
  ),
]

/** The variable that holds a parameter in every language. */
export const paramVariable = (name: string): string => `OM_PARAM_${name.toUpperCase()}`

/**
 * Fills a script. Each parameter it uses is assigned at its top, as a literal of the language, and `{{name}}`
 * becomes a use of that variable: however the script quotes it, a value cannot become code.
 *
 * In sh and bash a list becomes one word a member, and inside double quotes one text with spaces between.
 * In Python and Perl it is a list; yes/no is a boolean (1 and 0 in Perl, `true` and `false` in sh). A parameter
 * that was left out is the empty text, None, undef. Secret parameters (a SecretRef, or a name in `secrets`) are
 * never written into the script: they are read from the environment variable `OM_PARAM_<NAME>`, see `env`.
 *
 * Throws Problem TEMPLATE_PARAM_UNKNOWN {name, line} for a name that is no key of `params` nor in `secrets`,
 * TEMPLATE_PARAM_PLACE {name, line} where a variable would stand as mere text (a Python string, a quoted
 * here-document) or would be computed (text inside `$((…))`), SHELL_VALUE_NUL.
 */
export const fillScript = (
  interpreter: Interpreter,
  template: string,
  params: Params,
  secrets: ReadonlySet<string> = new Set(),
): FilledScript => {
  const language = languages[interpreter]
  const reader = language.reader()
  const used = new Map<string, Param>()
  let content = ''
  let end = 0
  for (const found of template.matchAll(placeholder)) {
    const [whole, backslash, name = ''] = found
    const before = template.slice(end, found.index)
    end = found.index + whole.length
    const text = backslash === '' ? before : before + whole.slice(1)
    reader.read(text)
    content += text
    if (backslash !== '') continue
    const line = template.slice(0, found.index).split('\n').length
    if (!Object.hasOwn(params, name) && !secrets.has(name))
      throw new Problem('TEMPLATE_PARAM_UNKNOWN', { name, line })
    const param = paramOf(params[name], secrets.has(name))
    used.set(name, param)
    const use = reader.use(paramVariable(name), param)
    if (use === undefined) throw new Problem('TEMPLATE_PARAM_PLACE', { name, line })
    content += use
  }
  content += template.slice(end)
  const plain = [...used].filter(([, param]) => !param.secret)
  const lines = plain.flatMap(([name, { value }]) => language.assign(paramVariable(name), value))
  const refs = [...used.keys()].flatMap((name): [string, SecretRef][] => {
    const value = params[name]
    return isSecretRef(value) ? [[paramVariable(name), value]] : []
  })
  return { content: below(content, lines), env: Object.fromEntries(refs) }
}

interface Param {
  readonly value: Json
  readonly secret: boolean
}

const paramOf = (value: Json | SecretRef | undefined, secret: boolean): Param =>
  isSecretRef(value) || secret
    ? { value: null, secret: true }
    : { value: value ?? null, secret: false }

/** Assignments stand below a `#!` line, which people expect to read first. */
const below = (content: string, lines: readonly string[]): string => {
  if (lines.length === 0) return content
  const shebang = /^#![^\n]*\n/.exec(content)?.[0] ?? ''
  return `${shebang}${lines.join('\n')}\n\n${content.slice(shebang.length)}`
}

interface Language {
  readonly assign: (variable: string, value: Json) => readonly string[]
  readonly reader: () => {
    readonly read: (text: string) => void
    /** undefined: a value cannot stand here. */
    readonly use: (variable: string, param: Param) => string | undefined
  }
}

const shellText = (value: Json): string =>
  value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)

const shell: Language = {
  assign: (variable, value) =>
    Array.isArray(value)
      ? [
          `${variable}=${quote(value.map(shellText).join(' '))}`,
          ...value.map((item, n) => `${variable}__${n + 1}=${quote(shellText(item))}`),
        ]
      : [`${variable}=${quote(shellText(value))}`],
  reader: () => {
    const { read, readWord, context } = shellReader()
    return {
      read,
      use: (variable, { value, secret }) => {
        const words = Array.isArray(value)
          ? value.map((_, n) => `"$${variable}__${n + 1}"`).join(' ')
          : `"$${variable}"`
        const place = context()
        readWord()
        if (place === 'plain') return words
        if (place === 'double' || place === 'heredoc') return `\${${variable}}`
        if (place === 'single') return `'"\${${variable}}"'`
        if (place === 'ansi') return `'"\${${variable}}"$'`
        // A shell computes what it finds in `$((…))`, `a[$(reboot)]` included: numbers only.
        if (place === 'arithmetic' && typeof value === 'number' && !secret) return `\${${variable}}`
        return place === 'comment' ? variable : undefined
      },
    }
  },
}

const pyLiteral = (value: Json): string => {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (Array.isArray(value)) return `[${value.map(pyLiteral).join(', ')}]`
  if (typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, item]) => `${JSON.stringify(key)}: ${pyLiteral(item)}`)
      .join(', ')}}`
  // Every escape of a JSON text means the same in Python.
  return JSON.stringify(value)
}

const python: Language = {
  assign: (variable, value) => [`${variable} = ${pyLiteral(value)}`],
  reader: () => {
    const { read, context } = pyReader()
    return {
      read,
      use: (variable, { secret }) => {
        if (context() === 'string') return undefined
        return secret && context() === 'code'
          ? `__import__("os").environ[${JSON.stringify(variable)}]`
          : variable
      },
    }
  },
}

const perlText = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

const perlLiteral = (value: Json): string => {
  if (value === null) return 'undef'
  if (typeof value === 'boolean') return value ? '1' : '0'
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return perlText(value)
  if (Array.isArray(value)) return `[${value.map(perlLiteral).join(', ')}]`
  return `{${Object.entries(value)
    .map(([key, item]) => `${perlText(key)} => ${perlLiteral(item)}`)
    .join(', ')}}`
}

// Perl fills in variables inside double quotes by itself, so nothing needs to know where they stand.
const perl: Language = {
  assign: (variable, value) =>
    Array.isArray(value)
      ? [`my @${variable} = (${value.map(perlLiteral).join(', ')});`]
      : [`my $${variable} = ${perlLiteral(value)};`],
  reader: () => ({
    read: () => {},
    use: (variable, { value, secret }) =>
      secret ? `$ENV{${variable}}` : Array.isArray(value) ? `@${variable}` : `\${${variable}}`,
  }),
}

const languages: Readonly<Record<Interpreter, Language>> = {
  sh: shell,
  bash: shell,
  python3: python,
  perl,
}
