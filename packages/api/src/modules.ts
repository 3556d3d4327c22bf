// Task modules: the catalogue, the preview, and modules made in the web page with their versions.

import { fieldKinds, moduleCategories } from '@omserver/core'
import { z } from 'zod'
import { route } from './route.ts'
import {
  idSchema,
  okSchema,
  selectorErrors,
  selectorSchema,
  textSchema,
  timeSchema,
} from './text-schema.ts'

const scalar = z.union([z.string(), z.number(), z.boolean()])

/** What whoever makes a module in the web page may write. */
const madeFieldSchema = z.strictObject({
  name: z.string().regex(/^[a-zA-Z][a-zA-Z0-9_]{0,63}$/),
  kind: z.enum(fieldKinds),
  title: textSchema,
  help: textSchema.optional(),
  placeholder: z.string().max(500).optional(),
  required: z.boolean(),
  default: z.json().optional(),
  choices: z
    .array(z.strictObject({ value: z.string().max(500), title: textSchema }))
    .max(1000)
    .optional(),
  choicesFrom: z
    .union([
      z.strictObject({ from: z.literal('label'), label: z.string().max(64) }),
      z.strictObject({ from: z.literal('fact'), fact: z.string().max(200) }),
      z.strictObject({ from: z.literal('command'), command: z.string().max(4000) }),
    ])
    .optional(),
  when: z.strictObject({ field: z.string(), in: z.array(scalar).max(100) }).optional(),
  pattern: z.string().max(500).optional(),
  /** What the pattern asks for, in words. */
  format: textSchema.optional(),
  minLength: z.number().int().optional(),
  maxLength: z.number().int().optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  integer: z.boolean().optional(),
})

export const formFieldSchema = madeFieldSchema.extend({
  choicesFrom: z
    .union([
      ...madeFieldSchema.shape.choicesFrom.unwrap().options,
      z.strictObject({ from: z.literal('projects') }),
      z.strictObject({ from: z.literal('playbooks'), project: z.string().max(64) }),
    ])
    .optional(),
})

export const tableSpecSchema = z.strictObject({
  columns: z.array(
    z.strictObject({
      key: z.string().max(64),
      title: textSchema,
      type: z.enum(['text', 'number', 'bytes', 'percent', 'seconds', 'time']),
    }),
  ),
  rows: z.union([
    z.strictObject({
      by: z.literal('split'),
      at: z.string().max(10).optional(),
      skip: z.number().int().optional(),
    }),
    z.strictObject({ by: z.literal('match'), pattern: z.string().max(1000) }),
    z.strictObject({ by: z.literal('keyValue'), at: z.string().max(10) }),
  ]),
})

export const moduleSchema = z.object({
  name: z.string(),
  title: textSchema,
  summary: textSchema,
  category: z.enum(moduleCategories),
  /** built in, a file in OM_MODULES, or made in the web page. */
  source: z.enum(['builtin', 'file', 'custom']),
  fields: z.array(formFieldSchema),
  /** JSON Schema 2020-12 of the parameters. */
  paramsSchema: z.json(),
  table: tableSpecSchema.optional(),
  idempotent: z.boolean(),
  dangerous: textSchema.optional(),
  checkable: z.boolean(),
  timeoutMs: z.number().int().optional(),
  needs: textSchema.optional(),
  /** Of a custom module: the published version. */
  version: z.number().int().optional(),
  /** Whether the actor's grants include it at all. */
  mayLaunch: z.boolean(),
})
export type ModuleView = z.output<typeof moduleSchema>

/** A file in OM_MODULES that is not in the catalogue, and why. */
export const brokenModuleSchema = z.object({
  file: z.string(),
  message: z.string(),
  line: z.number().int().nullable(),
})

export const customVersionSchema = z.object({
  version: z.number().int(),
  savedAt: timeSchema,
  savedBy: z.string(),
  note: z.string(),
  published: z.boolean(),
})

export const customInput = z.strictObject({
  name: z.string().min(1).max(100),
  title: textSchema,
  summary: textSchema,
  category: z.enum(moduleCategories).default('custom'),
  fields: z.array(madeFieldSchema).max(100),
  script: z.strictObject({
    interpreter: z.enum(['sh', 'bash', 'python3']),
    content: z.string().max(256_000),
  }),
  dangerous: textSchema.optional(),
  timeoutMs: z.number().int().min(1000).max(86_400_000).optional(),
  table: tableSpecSchema.optional(),
  /** The account it runs as where a launch names none. */
  runAs: z
    .strictObject({ user: z.string().min(1).max(64), method: z.enum(['sudo', 'su']) })
    .optional(),
})
export type CustomInput = z.output<typeof customInput>

export const customSchema = z.object({
  id: idSchema,
  name: z.string(),
  publishedVersion: z.number().int().nullable(),
  draft: customInput,
  draftVersion: z.number().int(),
  versions: z.array(customVersionSchema),
  updatedAt: timeSchema,
})
export type CustomView = z.output<typeof customSchema>

export const fieldProblemSchema = z.object({
  field: z.string(),
  code: z.string(),
  message: textSchema,
})

/** What a module made in the web page may have wrong. */
const draftErrors = [
  'MODULE_NAME_BAD',
  'MODULE_TEXT_MISSING',
  'FIELD_BAD',
  'TABLE_PATTERN',
  'TEMPLATE_PARAM_UNKNOWN',
  'TEMPLATE_PARAM_PLACE',
] as const

const byName = z.object({ name: z.string().max(200) })
const byId = z.object({ id: idSchema })

export const moduleRoutes = {
  list: route({
    id: 'modules.list',
    method: 'GET',
    path: '/api/modules',
    summary: { zh: '任务模块目录', en: 'Catalogue of task modules' },
    may: 'module.read',
    answer: z.object({ items: z.array(moduleSchema), broken: z.array(brokenModuleSchema) }),
  }),
  show: route({
    id: 'modules.show',
    method: 'GET',
    path: '/api/modules/:name',
    summary: { zh: '任务模块详情', en: 'One task module' },
    may: 'module.read',
    params: byName,
    answer: moduleSchema,
    errors: ['MODULE_UNKNOWN'],
  }),
  preview: route({
    id: 'modules.preview',
    method: 'POST',
    path: '/api/modules/:name/preview',
    summary: { zh: '执行预览', en: 'Preview what will run' },
    may: 'module.read',
    params: byName,
    body: z.strictObject({
      params: z.record(z.string(), z.json()),
      check: z.boolean().default(false),
    }),
    answer: z.object({
      /** What runs on a host, as text; null when the parameters are not complete. */
      preview: z.string().nullable(),
      problems: z.array(fieldProblemSchema),
    }),
    errors: ['MODULE_UNKNOWN', 'MODULE_THREW', 'MODULE_TIMEOUT'],
  }),
  /** Choices of a field that takes them from a label, a fact or a command, or from the projects. */
  choices: route({
    id: 'modules.choices',
    method: 'POST',
    path: '/api/modules/:name/choices',
    summary: { zh: '表单字段的可选值', en: 'Choices of a form field' },
    may: 'run.launch',
    params: byName,
    body: z.strictObject({
      field: z.string().max(64),
      /** Not needed where the choices come from no host. */
      selector: selectorSchema.optional(),
      /** What other fields hold, where the choices depend on them. */
      params: z.record(z.string(), z.json()).optional(),
    }),
    answer: z.object({ choices: z.array(z.object({ value: z.string(), title: z.string() })) }),
    errors: [
      ...selectorErrors,
      'MODULE_UNKNOWN',
      'FIELD_UNKNOWN',
      'CHOICES_FAILED',
      'PROJECT_UNKNOWN',
      'SELECTOR_EMPTY',
      'GRANT_MISSING',
      'LOCAL_ADMIN_ONLY',
    ],
  }),
  listCustom: route({
    id: 'customModules.list',
    method: 'GET',
    path: '/api/custom-modules',
    summary: { zh: '自定义任务模块列表', en: 'Modules made in the web page' },
    may: 'module.read',
    answer: z.object({ items: z.array(customSchema) }),
  }),
  addCustom: route({
    id: 'customModules.add',
    method: 'POST',
    path: '/api/custom-modules',
    summary: { zh: '新建自定义任务模块', en: 'Make a module' },
    may: 'module.write',
    body: customInput,
    answer: customSchema,
    errors: ['MODULE_EXISTS', ...draftErrors],
  }),
  /** Saves a new version as the draft; what is published stays. */
  saveCustom: route({
    id: 'customModules.save',
    method: 'PUT',
    path: '/api/custom-modules/:id',
    summary: { zh: '保存自定义任务模块的新版本', en: 'Save a new version of a module' },
    may: 'module.write',
    params: byId,
    body: customInput.extend({ note: z.string().max(500).default(''), basedOn: z.number().int() }),
    answer: customSchema,
    errors: ['MODULE_UNKNOWN', 'MODULE_EXISTS', 'VERSION_CONFLICT', ...draftErrors],
  }),
  readCustomVersion: route({
    id: 'customModules.version',
    method: 'GET',
    path: '/api/custom-modules/:id/versions/:version',
    summary: { zh: '读取某个版本', en: 'Read one version' },
    may: 'module.read',
    params: z.object({ id: idSchema, version: z.coerce.number().int() }),
    answer: customInput,
    errors: ['MODULE_UNKNOWN', 'VERSION_UNKNOWN'],
  }),
  publishCustom: route({
    id: 'customModules.publish',
    method: 'POST',
    path: '/api/custom-modules/:id/publish',
    summary: { zh: '发布某个版本', en: 'Publish a version' },
    may: 'module.write',
    params: byId,
    body: z.strictObject({ version: z.number().int() }),
    answer: customSchema,
    errors: ['MODULE_UNKNOWN', 'VERSION_UNKNOWN'],
  }),
  /** Of what is in the editor now, saved or not: what would run, with these parameters. Stores nothing. */
  previewCustom: route({
    id: 'customModules.preview',
    method: 'POST',
    path: '/api/custom-modules/preview',
    summary: { zh: '预览编写中的任务模块', en: 'Preview a module that is being written' },
    may: 'module.write',
    body: z.strictObject({
      module: customInput,
      params: z.record(z.string(), z.json()).default({}),
    }),
    answer: z.object({ preview: z.string().nullable(), problems: z.array(fieldProblemSchema) }),
    errors: ['MODULE_THREW', ...draftErrors],
  }),
  /** Runs one version, published or not, on one host; on more than one only published modules run. */
  tryCustom: route({
    id: 'customModules.try',
    method: 'POST',
    path: '/api/custom-modules/:id/try',
    summary: { zh: '在一台主机上试跑某个版本', en: 'Try a version on one host' },
    may: 'module.write',
    params: byId,
    body: z.strictObject({
      version: z.number().int(),
      /** Its id or name. */
      host: z.string().min(1).max(253),
      params: z.record(z.string(), z.json()).default({}),
    }),
    answer: z.object({ run: idSchema, host: idSchema }),
    errors: [
      'FILE_UNKNOWN',
      'FILE_VERSION_UNKNOWN',
      'FILE_NOT_TEXT',
      'FILE_GONE',
      'MODULE_UNKNOWN',
      'VERSION_UNKNOWN',
      'MODULE_THREW',
      'HOST_UNKNOWN',
      'PARAMS_INVALID',
      'GRANT_MISSING',
      'LOCAL_ADMIN_ONLY',
      'DRIVER_LACKS',
      'ACTION_TOO_LARGE',
    ],
  }),
  removeCustom: route({
    id: 'customModules.remove',
    method: 'DELETE',
    path: '/api/custom-modules/:id',
    summary: { zh: '删除自定义任务模块', en: 'Delete a module' },
    may: 'module.write',
    params: byId,
    answer: okSchema,
    errors: ['MODULE_UNKNOWN'],
  }),
  exportCustom: route({
    id: 'customModules.export',
    method: 'GET',
    path: '/api/custom-modules/:id/export',
    summary: { zh: '导出为 .ts 文件', en: 'Export as a .ts file' },
    may: 'module.read',
    params: byId,
    query: z.strictObject({ version: z.coerce.number().int().optional() }),
    answer: z.string(),
    answerKind: 'file',
    mediaType: 'text/plain',
    errors: ['MODULE_UNKNOWN', 'VERSION_UNKNOWN'],
  }),
} as const
