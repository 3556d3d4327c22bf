// Checks of forms: derived from schemas, made into schemas, and their values checked.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { field, secretParam } from './field-meta.ts'
import type { FormField } from './form.ts'
import { checkParams, secretFields, shownFields } from './form-check.ts'
import { formOf } from './form-of.ts'
import { schemaOfForm } from './form-schema.ts'
import { Problem } from './problem.ts'
import { secretRef } from './secret.ts'

const t = (text: string) => ({ zh: `${text}（中）`, en: text })
const text = (name: string, more: Partial<FormField> = {}): FormField => ({
  name,
  kind: 'text',
  title: t(name),
  required: true,
  ...more,
})

describe('formOf', () => {
  test('infers each kind from the schema, and takes the rest from its meta', () => {
    const params = z.object({
      service: z
        .enum(['nginx', 'mysql'])
        .meta(field({ title: t('Service'), choices: { mysql: t('MySQL') } })),
      command: z
        .string()
        .min(1)
        .max(9)
        .meta(field({ title: t('Command'), kind: 'textarea', help: t('h'), placeholder: 'ls' })),
      port: z
        .number()
        .int()
        .min(1)
        .max(65535)
        .default(22)
        .meta(field({ title: t('Port') })),
      ratio: z.number().optional(),
      force: z
        .boolean()
        .meta(field({ title: t('Force') }))
        .default(false),
      apps: z
        .array(z.enum(['a', 'b']))
        .min(1)
        .default(['a']),
      paths: z.array(z.string()).nullable().optional(),
      day: z.iso.date().optional(),
      user: z
        .string()
        .regex(/^[a-z]+$/)
        .meta(field({ title: t('User'), choicesFrom: { from: 'label', label: 'app' } })),
      mode: z.literal('fast'),
      version: z
        .string()
        .optional()
        .meta(
          field({ title: t('Version'), when: { field: 'service', in: ['nginx'] }, required: true }),
        ),
      password: secretParam({ title: t('Password') }),
      plain: z.string().meta({ title: 'Plain' }),
    })
    expect(formOf(params)).toEqual([
      {
        name: 'service',
        kind: 'select',
        title: t('Service'),
        required: true,
        choices: [
          { value: 'nginx', title: { zh: 'nginx', en: 'nginx' } },
          { value: 'mysql', title: t('MySQL') },
        ],
      },
      {
        name: 'command',
        kind: 'textarea',
        title: t('Command'),
        help: t('h'),
        placeholder: 'ls',
        required: true,
        minLength: 1,
        maxLength: 9,
      },
      {
        name: 'port',
        kind: 'number',
        title: t('Port'),
        required: false,
        default: 22,
        min: 1,
        max: 65535,
        integer: true,
      },
      { name: 'ratio', kind: 'number', title: { zh: 'ratio', en: 'ratio' }, required: false },
      { name: 'force', kind: 'switch', title: t('Force'), required: false, default: false },
      {
        name: 'apps',
        kind: 'multiSelect',
        title: { zh: 'apps', en: 'apps' },
        required: false,
        default: ['a'],
        minLength: 1,
        choices: [
          { value: 'a', title: { zh: 'a', en: 'a' } },
          { value: 'b', title: { zh: 'b', en: 'b' } },
        ],
      },
      { name: 'paths', kind: 'list', title: { zh: 'paths', en: 'paths' }, required: false },
      { name: 'day', kind: 'date', title: { zh: 'day', en: 'day' }, required: false },
      {
        name: 'user',
        kind: 'select',
        title: t('User'),
        required: true,
        pattern: '[a-z]+',
        choicesFrom: { from: 'label', label: 'app' },
      },
      {
        name: 'mode',
        kind: 'select',
        title: { zh: 'mode', en: 'mode' },
        required: true,
        choices: [{ value: 'fast', title: { zh: 'fast', en: 'fast' } }],
      },
      {
        name: 'version',
        kind: 'text',
        title: t('Version'),
        required: true,
        when: { field: 'service', in: ['nginx'] },
      },
      { name: 'password', kind: 'secret', title: t('Password'), required: true },
      { name: 'plain', kind: 'text', title: { zh: 'Plain', en: 'Plain' }, required: true },
    ])
    expect(secretFields(formOf(params))).toEqual(['password'])
  })

  test('a pattern of the form matches the whole text, as the schema does in part', () => {
    const pattern = (regex: RegExp) =>
      formOf(z.object({ a: z.string().regex(regex) }))[0]?.pattern ?? ''
    const whole = (regex: RegExp, text: string) => new RegExp(`^(?:${pattern(regex)})$`).test(text)
    for (const regex of [/b/, /^b/, /^a|b$/, /^[a-z]+$/, /\$$/, /^(?:a)(?:b)$/])
      for (const sample of ['b', 'abc', 'a', 'ab', 'xb', 'a$', 'ba', '1'])
        expect([regex, sample, whole(regex, sample)]).toEqual([regex, sample, regex.test(sample)])
  })
})

const texts = fc.constantFrom(t('a'), t('b'))
const choices = fc
  .uniqueArray(fc.constantFrom('x', 'y', 'z'), { minLength: 1 })
  .map((values) => values.map((value) => ({ value, title: t(value) })))
const kindFields = fc.oneof(
  fc.record(
    {
      kind: fc.constantFrom('text', 'textarea', 'hosts'),
      minLength: fc.nat(3),
      maxLength: fc.integer({ min: 3, max: 9 }),
      pattern: fc.constantFrom('[a-z]*', 'a|b', '(x)(y)?'),
    },
    { requiredKeys: ['kind'] },
  ),
  fc.record(
    {
      kind: fc.constant('number'),
      min: fc.integer({ min: -5, max: 0 }),
      max: fc.integer({ min: 1, max: 5 }),
      integer: fc.constant(true),
    },
    { requiredKeys: ['kind'] },
  ),
  fc.record({ kind: fc.constantFrom('select', 'radio', 'multiSelect', 'checkbox'), choices }),
  fc.record({ kind: fc.constantFrom('switch', 'checkbox', 'secret', 'list', 'date') }),
  fc.record({
    kind: fc.constantFrom('select', 'multiSelect'),
    choicesFrom: fc.constant({ from: 'fact', fact: 'os' }),
  }),
)
const fields = fc
  .array(
    fc.tuple(
      kindFields,
      fc.record(
        { title: texts, required: fc.boolean(), help: texts, placeholder: fc.constant('p') },
        { requiredKeys: ['title', 'required'] },
      ),
      fc.boolean(),
    ),
    { maxLength: 6 },
  )
  .map(
    (parts) =>
      parts.map(([kind, rest, when], n) => ({
        name: `f${n}`,
        ...kind,
        ...rest,
        ...(when && n > 0 && { when: { field: 'f0', in: ['x', true] } }),
      })) as FormField[],
  )

test('a form made into a schema gives the same form', () => {
  fc.assert(
    fc.property(fields, (form) => {
      expect(formOf(schemaOfForm(form))).toEqual(form)
    }),
    { numRuns: 300 },
  )
})

describe('a form that cannot work is refused', () => {
  test.each<[string, FormField[]]>([
    ['name', [text('a'), text('A')]],
    ['name', [text('a b')]],
    ['name', [text('a__1')]],
    ['choices', [text('a', { kind: 'select' })]],
    ['pattern', [text('a', { pattern: 'a)(b' })]],
    ['default', [text('a', { default: 5 })]],
    ['min', [text('a', { kind: 'number', min: 2, max: 1 })]],
    ['when', [text('a', { when: { field: 'b', in: [1] } })]],
    [
      'when',
      [text('a', { when: { field: 'b', in: [1] } }), text('b', { when: { field: 'a', in: [1] } })],
    ],
  ])('%s %#', (part, form) => {
    try {
      schemaOfForm(form)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(Problem)
      expect(error).toMatchObject({ code: 'FIELD_BAD', details: { part } })
    }
  })
})

const dependent = [
  text('kind', {
    kind: 'select',
    choices: [
      { value: 'a', title: t('a') },
      { value: 'b', title: t('b') },
    ],
    default: 'a',
    required: false,
  }),
  text('number', { kind: 'number', when: { field: 'kind', in: ['b'] } }),
  text('note', { default: 'n', required: false, when: { field: 'number', in: [1] } }),
]

test('a hidden field is neither required nor kept; what hides behind it neither', () => {
  const schema = schemaOfForm(dependent)
  const check = (input: unknown) => {
    const checked = checkParams(schema, dependent, input)
    return checked.ok
      ? checked.params
      : checked.problems.map(({ field: name, code }) => [name, code])
  }
  expect(check({})).toEqual({ kind: 'a' })
  expect(check({ kind: 'a', number: 'wrong', note: 'x' })).toEqual({ kind: 'a' })
  expect(check({ kind: 'b' })).toEqual([['number', 'FIELD_REQUIRED']])
  expect(check({ kind: 'b', number: 'wrong' })).toEqual([['number', 'FIELD_TYPE']])
  expect(check({ kind: 'b', number: 2, note: 'x' })).toEqual({ kind: 'b', number: 2 })
  expect(check({ kind: 'b', number: 1 })).toEqual({ kind: 'b', number: 1, note: 'n' })
  expect(shownFields(dependent, { kind: 'b' }).map(({ name }) => name)).toEqual(['kind', 'number'])
  // The schema alone does the same.
  expect(schema.parse({ kind: 'a', number: 'wrong' })).toEqual({ kind: 'a' })
  expect(schema.safeParse({ kind: 'b' }).success).toBe(false)
})

test('every problem names its field and speaks both languages', () => {
  const params = z.object({
    name: z
      .string()
      .min(3)
      .regex(/^[a-z]+$/),
    port: z.number().int().max(10),
    app: z.enum(['x', 'y']),
    list: z.array(z.string().max(2)).min(1),
    own: z
      .string()
      .refine((value) => value !== 'bad', { params: { zh: '不行', en: 'No' } })
      .optional(),
    secret: secretParam({ title: t('s') }).optional(),
  })
  const form = formOf(params)
  const problems = (input: unknown) => {
    const checked = checkParams(params, form, input)
    if (checked.ok) return checked.params
    for (const { message } of checked.problems)
      expect(message.zh && message.en && !/[{}]|undefined/.test(message.zh + message.en)).toBe(true)
    return checked.problems.map(({ field: name, code }) => `${name} ${code}`)
  }
  expect(problems({ name: 'Ab', port: 1.5, app: 'z', list: ['abc'], own: 'bad', prot: 1 })).toEqual(
    [
      'prot PARAM_UNKNOWN',
      'name FIELD_TOO_SHORT',
      'name FIELD_PATTERN',
      'port FIELD_INTEGER',
      'app FIELD_CHOICE',
      'list FIELD_TOO_LONG',
      'own FIELD_INVALID',
    ],
  )
  expect(problems({ name: '', port: null, list: [] })).toEqual([
    'name FIELD_REQUIRED',
    'port FIELD_REQUIRED',
    'app FIELD_REQUIRED',
    'list FIELD_REQUIRED',
  ])
  expect(problems({ name: 'abc', port: 11, app: 'x', list: ['a'], secret: 'typed' })).toEqual([
    'port FIELD_TOO_BIG',
    'secret FIELD_TYPE',
  ])
  expect(
    problems({
      name: 'abc',
      port: 1,
      app: 'x',
      list: ['a'],
      own: '',
      secret: secretRef('run:1:s'),
    }),
  ).toEqual({
    name: 'abc',
    port: 1,
    app: 'x',
    list: ['a'],
    secret: secretRef('run:1:s'),
  })
  for (const input of [null, [], 'x', 5]) expect(problems(input)).toEqual([' FIELD_TYPE'])
  const hostile = problems(JSON.parse('{"__proto__": {"name": 1}, "constructor": 2}'))
  expect(hostile).toContain('__proto__ PARAM_UNKNOWN')
})

test('a pattern is said in the words of the module, for each member of a list too', () => {
  const format = { zh: '小写字母', en: 'lower-case letters' }
  const word = z.string().regex(/^[a-z]+$/)
  const params = z.object({
    one: word.meta(field({ title: t('One'), format })),
    many: z.array(word).meta(field({ title: t('Many'), format })),
  })
  const checked = checkParams(params, formOf(params), { one: 'A', many: ['a', 'B'] })
  expect(checked.ok ? [] : checked.problems.map(({ message }) => message.en)).toEqual([
    'This does not match the format: lower-case letters',
    '[2] This does not match the format: lower-case letters',
  ])
})
