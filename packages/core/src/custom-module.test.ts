// Checks of modules made in the web page, and of the files they are exported as.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type CustomModule,
  customModuleSchema,
  moduleOfCustom,
  unusedFields,
} from './custom-module.ts'
import { exportCustom } from './export-custom.ts'
import { checkParams } from './form-check.ts'
import { formOf } from './form-of.ts'
import { Problem } from './problem.ts'
import { secretRef } from './secret.ts'

const t = (text: string) => ({ zh: `${text}中`, en: text })

const custom: CustomModule = {
  name: 'mysql.backup',
  title: t("it's \\ a `title` ${x}\n//"),
  summary: t('Back up'),
  category: 'custom',
  fields: [
    {
      name: 'database',
      kind: 'text',
      title: t('Database'),
      required: true,
      placeholder: "it's",
      pattern: "[a-z']+\\d*",
      format: t('letters, then digits'),
      maxLength: 9,
    },
    {
      name: 'mode',
      kind: 'radio',
      title: t('Mode'),
      required: false,
      default: 'full',
      choices: [
        { value: 'full', title: t('Full') },
        { value: "it's", title: { zh: "it's", en: "it's" } },
      ],
    },
    {
      name: 'keep',
      kind: 'number',
      title: t('Keep'),
      required: true,
      min: 1,
      max: 9,
      integer: true,
    },
    {
      name: 'tables',
      kind: 'list',
      title: t('Tables'),
      required: false,
      help: t('a long help that does not fit on one line of the file at all, so it is broken'),
    },
    { name: 'quiet', kind: 'checkbox', title: t('Quiet'), required: false, default: false },
    { name: 'password', kind: 'secret', title: t('Password'), required: true },
  ],
  script: {
    interpreter: 'bash',
    content:
      '#!/bin/bash\nset -eu\nMYSQL_PWD={{password}} mysqldump {{database}} {{tables}} | gzip > "/b/{{database}}-`date +%s`.gz" # \\n ${HOME}\r\necho {{mode}} {{keep}} {{quiet}}\n',
  },
  dangerous: t('It locks'),
  timeoutMs: 5000,
  table: { columns: [{ key: 'a', title: t('a'), type: 'text' }], rows: { by: 'split' } },
  runAs: { user: 'mysql', method: 'sudo' },
}

const values = {
  database: "shop'1",
  mode: 'full',
  keep: 3,
  tables: ['a b', '$(id)'],
  quiet: true,
  password: secretRef('run:1:password'),
}

const problemOf = (change: Partial<CustomModule>): unknown => {
  try {
    moduleOfCustom({ ...custom, ...change })
  } catch (error) {
    if (error instanceof Problem) return [error.code, error.details]
    throw error
  }
}

test('becomes a module like any other', () => {
  const module = moduleOfCustom(customModuleSchema.parse(custom))
  expect(formOf(module.params)).toEqual(custom.fields)
  const checked = checkParams(module.params, custom.fields, values)
  expect(checked.ok && module.action(checked.params)).toEqual({
    kind: 'script',
    interpreter: 'bash',
    runAs: custom.runAs,
    env: { OM_PARAM_PASSWORD: values.password },
    content: `#!/bin/bash
OM_PARAM_DATABASE='shop'\\''1'
OM_PARAM_TABLES='a b $(id)'
OM_PARAM_TABLES__1='a b'
OM_PARAM_TABLES__2='$(id)'
OM_PARAM_MODE=full
OM_PARAM_KEEP=3
OM_PARAM_QUIET=true

set -eu
MYSQL_PWD="$OM_PARAM_PASSWORD" mysqldump "$OM_PARAM_DATABASE" "$OM_PARAM_TABLES__1" "$OM_PARAM_TABLES__2" | gzip > "/b/\${OM_PARAM_DATABASE}-\`date +%s\`.gz" # \\n \${HOME}\r
echo "$OM_PARAM_MODE" "$OM_PARAM_KEEP" "$OM_PARAM_QUIET"
`,
  })
})

test('what does not fit together is found before it is saved', () => {
  const script = (content: string) => ({ script: { interpreter: 'python3' as const, content } })
  expect(problemOf({ name: 'Bad name' })).toEqual(['MODULE_NAME_BAD', { name: 'Bad name' }])
  expect(problemOf(script('print({{databse}})'))).toEqual([
    'TEMPLATE_PARAM_UNKNOWN',
    { name: 'databse', line: 1 },
  ])
  expect(problemOf(script('\nprint("{{database}}")'))).toEqual([
    'TEMPLATE_PARAM_PLACE',
    { name: 'database', line: 2 },
  ])
  expect(problemOf({ fields: [...custom.fields, ...custom.fields] })).toMatchObject([
    'FIELD_BAD',
    { part: 'name' },
  ])
  expect(problemOf({})).toBeUndefined()
  expect(customModuleSchema.safeParse({ ...custom, name: 'X' }).success).toBe(false)
  expect(unusedFields({ ...custom, ...script('{{keep}}') })).toEqual([
    'database',
    'mode',
    'tables',
    'quiet',
    'password',
  ])
})

// In the package, so that `@omserver/core` resolves; beside src, where nothing looks for sources.
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(import.meta.dirname, '..', 'tmp-export-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const dependent: CustomModule = {
  ...custom,
  name: 'class',
  fields: [
    ...custom.fields,
    {
      name: 'extra',
      kind: 'text',
      title: t('x'),
      required: true,
      when: { field: 'quiet', in: [false] },
    },
  ],
}

test.each([
  ['plain', custom],
  ['dependent', dependent],
])('the exported file is the same module: %s', (name, module) => {
  const file = join(folder, `${name}.ts`)
  writeFileSync(file, exportCustom(module))
  const script = `
    import { formOf, checkParams } from '@omserver/core'
    const [module] = Object.values(await import(${JSON.stringify(file)}))
    const { params, action, ...rest } = module
    const fields = formOf(params)
    const checked = checkParams(params, fields, ${JSON.stringify(values)})
    process.stdout.write(JSON.stringify({ rest, fields, action: action(checked.params) }))`
  const ended = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    cwd: folder,
  })
  expect(ended.stderr).toBe('')
  const { params: _, action, ...rest } = moduleOfCustom(module)
  expect(JSON.parse(ended.stdout)).toEqual({
    rest,
    fields: module.fields,
    action: JSON.parse(JSON.stringify(action(values))),
  })
})

test('the exported file typechecks', () => {
  for (const [name, module] of [
    ['plain', custom],
    ['dependent', dependent],
  ] as const)
    writeFileSync(join(folder, `${name}.ts`), exportCustom(module))
  const root = join(import.meta.dirname, '..', '..', '..')
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: join(root, 'tsconfig.json'), include: ['*.ts'], exclude: [] }),
  )
  const ended = spawnSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder, '--noEmit'],
    { encoding: 'utf8' },
  )
  expect(ended.stdout).toBe('')
}, 60_000)
