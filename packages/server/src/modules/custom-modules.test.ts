import type { CustomInput } from '@omserver/api'
import { previewAction } from '@omserver/core'
import { expect, test } from 'vitest'
import { startServices } from '../testing/test-services.ts'
import { createCustomModules } from './custom-service.ts'
import { createModuleService } from './service.ts'

const input: CustomInput = {
  name: 'app.clean',
  title: { zh: '清理', en: 'Clean up' },
  summary: { zh: '清理旧文件', en: 'Removes old files' },
  category: 'custom',
  fields: [{ name: 'folder', kind: 'text', title: { zh: '目录', en: 'Folder' }, required: true }],
  script: { interpreter: 'sh', content: 'ls -- {{folder}}\n' },
}

const setUp = async () => {
  const { services, admin, activity, [Symbol.asyncDispose]: dispose } = await startServices()
  const modules = createModuleService(services, {})
  const custom = createCustomModules(services, modules)
  return { custom, modules, admin, activity, [Symbol.asyncDispose]: dispose }
}

test('a module is offered once it is published, and only in its published version', async () => {
  await using lab = await setUp()
  const made = await lab.custom.add(lab.admin, input)
  expect(made).toMatchObject({ draftVersion: 1, publishedVersion: null })
  expect(await lab.modules.find('app.clean')).toBeUndefined()
  await lab.custom.publish(lab.admin, made.id, 1)
  const saved = await lab.custom.save(
    lab.admin,
    made.id,
    { ...input, script: { ...input.script, content: 'rm -rf -- {{folder}}\n' } },
    { note: 'really', basedOn: 1 },
  )
  expect(saved).toMatchObject({ draftVersion: 2, publishedVersion: 1 })
  const answer = await lab.modules.evaluate(
    'app.clean',
    { folder: "it's; reboot" },
    { check: false },
  )
  if (!answer.ok || answer.action === null) throw new Error('not evaluated')
  const text = previewAction(answer.action)
  expect(text).toContain('ls -- ')
  expect(text).not.toContain('rm -rf')
  const { items } = await lab.activity.list({}, { limit: 10 })
  expect(items.map((entry) => entry.what).toReversed()).toEqual([
    'customModules.add',
    'customModules.publish',
    'customModules.save',
  ])
})

test('two people who edit the same version: the second is told, nothing is overwritten', async () => {
  await using lab = await setUp()
  const { id } = await lab.custom.add(lab.admin, input)
  await lab.custom.save(lab.admin, id, input, { note: 'first', basedOn: 1 })
  await expect(
    lab.custom.save(lab.admin, id, input, { note: 'second', basedOn: 1 }),
  ).rejects.toMatchObject({ code: 'VERSION_CONFLICT' })
  expect((await lab.custom.list())[0]?.versions.map((one) => one.note)).toEqual(['first', ''])
})

test.each([
  ['a name that is none', { name: 'Clean Up' }, 'MODULE_NAME_BAD'],
  ['a built-in name', { name: 'shell' }, 'MODULE_EXISTS'],
  [
    'a script that uses an unknown parameter',
    { script: { interpreter: 'sh' as const, content: 'echo {{nothing}}' } },
    'TEMPLATE_PARAM_UNKNOWN',
  ],
  ['two fields of one name', { fields: [...input.fields, ...input.fields] }, 'FIELD_BAD'],
  [
    'a field that waits for one that is not there',
    {
      fields: [...input.fields.map((field) => ({ ...field, when: { field: 'ghost', in: ['x'] } }))],
    },
    'FIELD_BAD',
  ],
  ['a module without a title', { title: { zh: ' ', en: '' } }, 'MODULE_TEXT_MISSING'],
  ['a danger without a reason', { dangerous: { zh: '', en: '' } }, 'MODULE_TEXT_MISSING'],
  [
    'a field without a title',
    { fields: [...input.fields.map((field) => ({ ...field, title: { zh: '', en: '' } }))] },
    'FIELD_BAD',
  ],
  [
    'a table whose pattern does not compile',
    {
      table: {
        columns: [{ key: 'a', title: { zh: 'a', en: 'a' }, type: 'text' as const }],
        rows: { by: 'match' as const, pattern: '(' },
      },
    },
    'TABLE_PATTERN',
  ],
])('%s is refused and nothing is stored', async (_, change, code) => {
  await using lab = await setUp()
  await expect(lab.custom.add(lab.admin, { ...input, ...change })).rejects.toMatchObject({ code })
  expect(await lab.custom.list()).toEqual([])
})

test('an export is a file that reads as a module', async () => {
  await using lab = await setUp()
  const { id } = await lab.custom.add(lab.admin, input)
  const { fileName, content } = await lab.custom.export(id)
  expect(fileName).toBe('app.clean.ts')
  expect(content).toContain("from '@omserver/core'")
})

const rich: CustomInput = {
  ...input,
  title: { zh: '清理', en: '' },
  fields: [
    {
      name: 'folder',
      kind: 'text',
      title: { zh: '目录', en: '' },
      required: true,
      help: { zh: '绝对路径', en: 'An absolute path' },
      placeholder: '/var/tmp',
      pattern: '/.+',
    },
  ],
  dangerous: { zh: '会删除文件', en: 'It deletes files' },
  timeoutMs: 90_000,
  runAs: { user: 'app', method: 'sudo' },
  table: {
    columns: [
      { key: 'size', title: { zh: '大小', en: 'Size' }, type: 'bytes' },
      { key: 'file', title: { zh: '', en: '' }, type: 'text' },
    ],
    rows: { by: 'split', skip: 1 },
  },
}

test('danger, timeout, account, table and every part of a field survive save, versions, export and launch', async () => {
  await using lab = await setUp()
  const { id } = await lab.custom.add(lab.admin, input)
  const saved = await lab.custom.save(lab.admin, id, rich, { note: '', basedOn: 1 })
  // A text in one language stands in for the other, and a column without a title has its key.
  const kept = structuredClone(rich)
  kept.title.en = '清理'
  for (const field of kept.fields) field.title.en = '目录'
  kept.table?.columns.splice(1, 1, {
    key: 'file',
    title: { zh: 'file', en: 'file' },
    type: 'text',
  })
  expect(saved.draft).toEqual(kept)
  expect(await lab.custom.version(id, 2)).toEqual(kept)
  expect(await lab.custom.version(id, 1)).toEqual(input)
  const { content } = await lab.custom.export(id)
  for (const part of ['会删除文件', 'timeoutMs: 90000', "user: 'app'", "by: 'split'", '绝对路径'])
    expect(content).toContain(part)
  await lab.custom.publish(lab.admin, id, 2)
  expect(await lab.modules.find('app.clean')).toMatchObject({
    dangerous: rich.dangerous,
    timeoutMs: 90_000,
    table: kept.table,
  })
  const answer = await lab.modules.evaluate('app.clean', { folder: '/tmp/x' }, { check: false })
  expect(answer).toMatchObject({ ok: true, action: { runAs: rich.runAs } })
  expect(await lab.modules.evaluate('app.clean', { folder: 'x' }, { check: false })).toMatchObject({
    ok: false,
    problems: [{ field: 'folder', code: 'FIELD_PATTERN' }],
  })
})
