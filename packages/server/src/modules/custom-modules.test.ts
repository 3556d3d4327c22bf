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
