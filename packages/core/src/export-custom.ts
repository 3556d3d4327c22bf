// A module made in the web page, written out as the `.ts` file an engineer would have written.

import type { CustomModule } from './custom-module.ts'
import type { FormField } from './form.ts'

/** Source of a module file for OM_MODULES. It needs `@omserver/core` and `zod`, which the server supplies. */
export const exportCustom = (custom: CustomModule): string => {
  const { name, title, summary, category, dangerous, timeoutMs, table, runAs, script } = custom
  const constant = name.replace(/\.([a-z])/g, (_, letter: string) => letter.toUpperCase())
  const conditional = custom.fields.some(({ when }) => when)
  const names = conditional ? ['fillScript', 'module', 'schemaOfForm'] : imported(custom)
  const lines = [
    `// ${oneLine(title.zh)} · ${oneLine(title.en)}: ${oneLine(summary.en)}`,
    '',
    `import { ${names.join(', ')} } from '@omserver/core'`,
    ...(conditional ? [] : ["import { z } from 'zod'"]),
    '',
    `const script = ${template(script.content)}`,
    '',
    // Fields that depend on one another are more than a Zod object can say in a line.
    ...(conditional
      ? [`const params = schemaOfForm(${literal(custom.fields)})`]
      : [`const params = ${objectSource(custom.fields)}`]),
    '',
    `export const ${reserved.has(constant) ? `${constant}Module` : constant} = module({`,
    `  name: ${literal(name)},`,
    `  title: ${literal(title, 1)},`,
    `  summary: ${literal(summary, 1)},`,
    `  category: ${literal(category)},`,
    ...(dangerous ? [`  dangerous: ${literal(dangerous, 1)},`] : []),
    ...(timeoutMs === undefined ? [] : [`  timeoutMs: ${timeoutMs},`]),
    '  params,',
    ...(table ? [`  table: ${literal(table, 1)},`] : []),
    '  action: (values) => ({',
    "    kind: 'script',",
    `    interpreter: ${literal(script.interpreter)},`,
    ...(runAs ? [`    runAs: ${literal(runAs, 2)},`] : []),
    `    ...fillScript(${literal(script.interpreter)}, script, { ${custom.fields.map((form) => `${form.name}: values[${literal(form.name)}]`).join(', ')} }),`,
    '  }),',
    '})',
    '',
  ]
  return lines.join('\n')
}

const imported = ({ fields }: CustomModule): string[] => [
  ...(fields.some(({ kind }) => kind !== 'secret') ? ['field'] : []),
  'fillScript',
  'module',
  ...(fields.some(({ kind }) => kind === 'secret') ? ['secretParam'] : []),
]

const objectSource = (fields: readonly FormField[]): string =>
  fields.length === 0
    ? 'z.object({})'
    : `z.object({\n${fields.map((form) => `  ${form.name}: ${fieldSource(form)},`).join('\n')}\n})`

const fieldSource = (form: FormField): string => {
  const meta = literal(metaOf(form), 1)
  const base =
    form.kind === 'secret' ? `secretParam(${meta})` : `${valueSource(form)}.meta(field(${meta}))`
  if (form.default !== undefined) return `${base}.default(${literal(form.default)})`
  return form.required ? base : `${base}.optional()`
}

/** The kind is left out where the schema implies it. */
const metaOf = (form: FormField): Readonly<Record<string, unknown>> => {
  const implied: Readonly<Record<string, string>> = {
    text: 'text',
    number: 'number',
    switch: 'switch',
    date: 'date',
    secret: 'secret',
  }
  const choices =
    form.choices?.filter(({ value, title }) => title.zh !== value || title.en !== value) ?? []
  return {
    title: form.title,
    ...(implied[form.kind] === undefined && { kind: form.kind }),
    ...(form.help && { help: form.help }),
    ...(form.format && { format: form.format }),
    ...(form.placeholder !== undefined && { placeholder: form.placeholder }),
    ...(choices.length > 0 && {
      choices: Object.fromEntries(choices.map(({ value, title }) => [value, title])),
    }),
    ...(form.choicesFrom && { choicesFrom: form.choicesFrom }),
  }
}

const valueSource = (form: FormField): string => {
  const values = form.choices?.map(({ value }) => value) ?? []
  const one = values.length > 0 ? `z.enum(${inline(values)})` : 'z.string()'
  const length = bounds(form.minLength, form.maxLength)
  switch (form.kind) {
    case 'number':
      return `z.number()${form.integer ? '.int()' : ''}${bounds(form.min, form.max)}`
    case 'switch':
      return 'z.boolean()'
    case 'checkbox':
      return values.length > 0 ? `z.array(${one})${length}` : 'z.boolean()'
    case 'multiSelect':
    case 'list':
      return `z.array(${one})${length}`
    case 'date':
      return 'z.iso.date()'
    case 'select':
    case 'radio':
      if (values.length > 0) return one
      break
  }
  const pattern =
    form.pattern === undefined ? '' : `.regex(new RegExp(${literal(`^(?:${form.pattern})$`)}))`
  return `z.string()${length}${pattern}`
}

const bounds = (min: number | undefined, max: number | undefined): string =>
  `${min === undefined ? '' : `.min(${min})`}${max === undefined ? '' : `.max(${max})`}`

const oneLine = (text: string): string => text.replace(/[\s\u2028\u2029]+/g, ' ').trim()

/** A text in single quotes. JSON's escapes are JavaScript's; the line separators end no string since ES2019. */
const quoted = (text: string): string =>
  `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`

const inline = (value: unknown): string => {
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).map(([key, item]) => `${keyOf(key)}: ${inline(item)}`)
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
}

// `__proto__: x` would set a prototype, `['__proto__']: x` is a key like any other.
const keyOf = (key: string): string =>
  key === '__proto__' ? "['__proto__']" : /^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key)

const WIDTH = 80

/** As source, on one line where it fits, else one entry a line. */
const literal = (value: unknown, depth = 0): string => {
  const short = inline(value)
  if (short.length <= WIDTH || typeof value !== 'object' || value === null) return short
  const pad = '  '.repeat(depth + 1)
  const end = '  '.repeat(depth)
  if (Array.isArray(value))
    return `[\n${value.map((item) => `${pad}${literal(item, depth + 1)},`).join('\n')}\n${end}]`
  const entries = Object.entries(value).map(
    ([key, item]) => `${pad}${keyOf(key)}: ${literal(item, depth + 1)},`,
  )
  return `{\n${entries.join('\n')}\n${end}}`
}

/** A template literal reads like the script itself; a carriage return in one would become a line feed. */
const template = (content: string): string =>
  `\`${content
    .replace(/[\\`]|\$\{/g, '\\$&')
    .replaceAll('\r', '\\r')
    .replaceAll('\0', '\\x00')}\``

const reserved = new Set(
  'break case catch class const continue debugger default delete do else enum export extends false field fillScript finally for function if implements import in instanceof interface let module new null package params private protected public return schemaOfForm script secretParam static super switch this throw true try typeof undefined var void while with yield await async z arguments eval'.split(
    ' ',
  ),
)
