// Checks of filled scripts, with the real interpreters as judges.

import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Interpreter } from './action.ts'
import type { Json } from './json.ts'
import { Problem } from './problem.ts'
import { fillScript, templateParams } from './script-template.ts'
import { secretRef } from './secret.ts'

const run = (
  interpreter: Interpreter,
  template: string,
  params: Record<string, Json>,
  env: Record<string, string> = {},
): string => {
  const { content } = fillScript(interpreter, template, params, new Set(Object.keys(env)))
  const variables = Object.fromEntries(
    Object.entries(env).map(([name, value]) => [`OM_PARAM_${name.toUpperCase()}`, value]),
  )
  const ended = spawnSync(interpreter, ['-'], {
    input: content,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], PYTHONIOENCODING: 'utf8', ...variables },
  })
  expect(ended.stderr).toBe('')
  return ended.stdout
}

const problemOf = (act: () => unknown): unknown => {
  try {
    act()
  } catch (error) {
    if (error instanceof Problem) return [error.code, error.details]
    throw error
  }
  return undefined
}

const anyText = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc
      .array(
        fc.constantFrom(
          "'",
          '"',
          '\\',
          '\n',
          '$(echo hacked)',
          '`id`',
          '${x}',
          '"""',
          '{{b}}',
          '中',
          ' ',
          '#',
          '@x',
          '%s',
        ),
        { maxLength: 8 },
      )
      .map((parts) => parts.join('')),
  )
  .map((text) => text.replaceAll('\0', ''))

const printers: Record<Interpreter, string> = {
  sh: 'printf %s {{a}}',
  bash: 'printf %s {{a}}',
  python3: 'import sys\nsys.stdout.buffer.write({{a}}.encode("utf-8"))',
  perl: 'print {{a}};',
}
// A process for each text would take minutes.
const listPrinters: Record<Interpreter, string> = {
  sh: `for t in {{a}}; do printf '%s\\0' "$t"; done`,
  bash: `for t in {{a}}; do printf '%s\\0' "$t"; done`,
  python3: 'import sys\nfor t in {{a}}:\n  sys.stdout.buffer.write(t.encode("utf-8") + b"\\0")',
  perl: 'print "$_\\0" for {{a}};',
}

describe.each(Object.entries(printers))('%s', (name, template) => {
  const interpreter = name as Interpreter
  test('any text arrives as it is, alone and in a list', () => {
    fc.assert(
      fc.property(anyText, (a) => {
        expect(run(interpreter, template, { a, b: 'other' })).toBe(a)
      }),
      { numRuns: 5 },
    )
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 60, maxLength: 80 }), (a) => {
        expect(run(interpreter, listPrinters[interpreter], { a })).toBe(
          a.map((text) => `${text}\0`).join(''),
        )
      }),
      { numRuns: 5 },
    )
  })
})

describe.each(['sh', 'bash'] as const)('%s', (interpreter) => {
  test('any text is only text in every place a script may put it', () => {
    const template = `
printf '%s|' "in "{{a}}" out" "<{{a}}>" '<{{a}}>' pre{{a}}post "$(printf %s {{a}}; printf .)"
cat <<EOF
{{a}}
EOF
# {{a}}
`
    fc.assert(
      fc.property(anyText, (a) => {
        const trimmed = `${a}.`
        expect(run(interpreter, template, { a })).toBe(
          `in ${a} out|<${a}>|<${a}>|pre${a}post|${trimmed}|${a}\n`,
        )
      }),
      { numRuns: 20 },
    )
  })

  test('lists are words, numbers and yes/no are plain, what was left out is empty', () => {
    const script = `for p in {{list}}; do printf '[%s]' "$p"; done
printf '%s;' "all: {{list}}" {{n}} {{yes}} {{none}} $(( {{n}} + 1 ))`
    expect(
      run(interpreter, script, { list: ['a b', '*', "it's"], n: 41, yes: true, none: null }),
    ).toBe(`[a b][*][it's]all: a b * it's;41;true;;42;`)
  })
})

test('a text in a computation, a quoted here-document or a Python string is refused with its line', () => {
  const refused = (interpreter: Interpreter, template: string) =>
    problemOf(() => fillScript(interpreter, template, { a: 'x' }))
  const at = (line: number) => ['TEMPLATE_PARAM_PLACE', { name: 'a', line }]
  expect(refused('bash', 'echo\necho $(( {{a}} ))')).toEqual(at(2))
  expect(refused('sh', "cat <<'E'\n\n{{a}}\nE\n")).toEqual(at(3))
  expect(refused('python3', 'print("{{a}}")')).toEqual(at(1))
  expect(refused('python3', 'print("""\n\\"{{a}}""")')).toEqual(at(2))
  expect(refused('python3', '# {{a}} "\nprint({{a}})')).toBeUndefined()
})

test('an unknown placeholder is named, other braces are left alone', () => {
  expect(problemOf(() => fillScript('sh', 'a\necho {{nme}}', { name: 'x' }))).toEqual([
    'TEMPLATE_PARAM_UNKNOWN',
    { name: 'nme', line: 2 },
  ])
  expect(problemOf(() => fillScript('sh', '{{toString}}', {}))).toBeDefined()
  const docker = "docker ps --format '{{.Names}}' \\{{x}}"
  expect(fillScript('sh', docker, {}).content).toBe("docker ps --format '{{.Names}}' {{x}}")
  expect(templateParams('{{b}} {{ a }} {{b}} \\{{c}} {{.d}}')).toEqual(['b', 'a'])
})

test('a secret is read from the environment and never written', () => {
  const password = secretRef('run:1:password')
  expect(fillScript('sh', 'echo {{password}}', { password })).toEqual({
    content: 'echo "$OM_PARAM_PASSWORD"',
    env: { OM_PARAM_PASSWORD: password },
  })
  const typed = fillScript(
    'sh',
    'echo {{password}}',
    { password: 'hunter2' },
    new Set(['password']),
  )
  expect(JSON.stringify(typed)).not.toContain('hunter2')
  for (const [interpreter, template] of Object.entries(printers))
    expect(run(interpreter as Interpreter, template, {}, { a: `s'"$x` })).toBe(`s'"$x`)
})

test('assignments stand below the first line of a script', () => {
  expect(fillScript('sh', '#!/bin/sh\necho {{a}}', { a: 'x y' }).content).toBe(
    `#!/bin/sh\nOM_PARAM_A='x y'\n\necho "$OM_PARAM_A"`,
  )
})

test('Python and Perl get values of their own kinds', () => {
  const value = { n: [1, true, null, 'é'] }
  expect(run('python3', 'print({{v}}["n"], {{l}})', { v: value, l: [1, 'a'] })).toBe(
    "[1, True, None, 'é'] [1, 'a']\n",
  )
  expect(run('perl', 'print join(",", {{l}}), "<{{s}}>"', { l: [1, 'a b'], s: '@x$y' })).toBe(
    '1,a b<@x$y>',
  )
})
