// Hosts, their labels, their keys, import, and saved groups.

import { driverNames, unknownChoices } from '@omserver/core'
import { z } from 'zod'
import { pageOf, pageQuery } from './page.ts'
import { route } from './route.ts'
import {
  idSchema,
  labelsSchema,
  okSchema,
  selectorErrors,
  selectorSchema,
  textSchema,
  timeSchema,
} from './text-schema.ts'

export const hostKeySchema = z.object({
  type: z.string(),
  key: z.string(),
  fingerprint: z.string(),
})

export const hostSchema = z.object({
  id: idSchema,
  name: z.string(),
  address: z.string(),
  outerAddress: z.string().nullable(),
  port: z.number().int(),
  driver: z.enum(driverNames),
  labels: labelsSchema,
  credentialId: idSchema.nullable(),
  credentialName: z.string().nullable(),
  jumpHostId: idSchema.nullable(),
  jumpHostName: z.string().nullable(),
  encoding: z.string().nullable(),
  hostKey: hostKeySchema.nullable(),
  /** A key that differs from the pinned one was offered; the host is stopped until it is accepted. */
  changedKey: hostKeySchema.nullable(),
  createdAt: timeSchema,
  updatedAt: timeSchema,
  lastRun: z.object({ runId: idSchema, state: z.string(), at: timeSchema }).nullable(),
})
export type HostView = z.output<typeof hostSchema>

/** Every field of a host as a person gives it. No defaults: a field left out of a change stays as it is. */
const hostFields = z.strictObject({
  name: z.string().min(1).max(253),
  address: z.string().min(1).max(253),
  outerAddress: z.string().max(253).nullable(),
  port: z.number().int().min(1).max(65535),
  driver: z.enum(driverNames),
  labels: labelsSchema,
  /** A name or an id. */
  credential: z.string().max(100).nullable(),
  jumpHost: z.string().max(253).nullable(),
  encoding: z.string().max(40).nullable(),
})

export const hostInput = hostFields.extend({
  outerAddress: hostFields.shape.outerAddress.default(null),
  port: hostFields.shape.port.default(22),
  driver: hostFields.shape.driver.default('ssh'),
  labels: labelsSchema.default({}),
  credential: hostFields.shape.credential.default(null),
  jumpHost: hostFields.shape.jumpHost.default(null),
  encoding: hostFields.shape.encoding.default(null),
})

export const fileProblemSchema = z.object({
  line: z.number().int(),
  column: z.number().int().nullable(),
  code: z.string(),
  message: textSchema,
})

export const importPreviewSchema = z.object({
  format: z.enum(['yaml', 'csv', 'ansible', 'list']),
  add: z.number().int(),
  update: z.number().int(),
  same: z.number().int(),
  problems: z.array(fileProblemSchema),
  /** Columns and keys that mean nothing here, and what becomes of them. */
  unknown: z.array(
    z.object({
      column: z.string(),
      line: z.number().int(),
      samples: z.array(z.string()),
      choice: z.enum(unknownChoices),
    }),
  ),
  /** Variables of an Ansible inventory that are not taken over. */
  ignored: z.array(z.string()),
  /** One address under several names, in the file or beside hosts that are there: mostly a mistake. At most 100. */
  shared: z.array(
    z.object({ address: z.string(), port: z.number().int(), names: z.array(z.string()) }),
  ),
  /** At most 500, problems and changes first. */
  rows: z.array(
    z.object({
      line: z.number().int(),
      name: z.string(),
      address: z.string(),
      port: z.number().int(),
      labels: labelsSchema,
      what: z.enum(['add', 'update', 'same']),
      changes: z.array(z.object({ field: z.string(), from: z.string(), to: z.string() })),
    }),
  ),
})
export type ImportPreview = z.output<typeof importPreviewSchema>

export const groupSchema = z.object({
  id: idSchema,
  name: z.string(),
  selector: selectorSchema,
  hosts: z.number().int(),
})
export type GroupView = z.output<typeof groupSchema>

const importInput = z.strictObject({
  /** File bytes in base64, so that GBK and UTF-16 arrive unharmed. */
  content: z.string().max(14_000_000),
  fileName: z.string().max(255).optional(),
  format: z.enum(['yaml', 'csv', 'ansible', 'list']).optional(),
  /** For pasted lists: given to every host that the text itself leaves open. */
  defaults: hostFields
    .pick({ port: true, driver: true, labels: true, credential: true, jumpHost: true })
    .partial()
    .optional(),
  /** What becomes of columns and keys that mean nothing here. */
  unknown: z.enum(unknownChoices).default('refuse'),
  /** The same for single ones. */
  columns: z.record(z.string().max(80), z.enum(unknownChoices)).optional(),
})

const byId = z.object({ id: idSchema })

export const hostRoutes = {
  list: route({
    id: 'hosts.list',
    method: 'GET',
    path: '/api/hosts',
    summary: { zh: '主机列表', en: 'List hosts' },
    may: 'host.read',
    query: pageQuery.extend({
      selector: selectorSchema.optional(),
      /** Free text over name, addresses and labels. */
      text: z.string().max(200).optional(),
    }),
    answer: pageOf(hostSchema).extend({ total: z.number().int() }),
    errors: selectorErrors,
  }),
  /** The whole fleet in a narrow form: the tree, the picker and the virtual table live on it. */
  brief: route({
    id: 'hosts.brief',
    method: 'GET',
    path: '/api/hosts/brief',
    summary: { zh: '全部主机（简表）', en: 'All hosts, in brief' },
    may: 'host.read',
    answer: z.object({
      rev: z.number().int(),
      items: z.array(
        z.object({
          id: idSchema,
          name: z.string(),
          address: z.string(),
          outerAddress: z.string().nullable(),
          driver: z.enum(driverNames),
          labels: labelsSchema,
          keyChanged: z.boolean(),
        }),
      ),
    }),
  }),
  show: route({
    id: 'hosts.show',
    method: 'GET',
    path: '/api/hosts/:id',
    summary: { zh: '主机详情（按 id 或名称）', en: 'One host, by id or name' },
    may: 'host.read',
    params: byId,
    answer: hostSchema,
    errors: ['HOST_UNKNOWN'],
  }),
  add: route({
    id: 'hosts.add',
    method: 'POST',
    path: '/api/hosts',
    summary: { zh: '新增主机', en: 'Add a host' },
    may: 'host.write',
    body: hostInput,
    answer: hostSchema,
    errors: [
      'HOST_EXISTS',
      'HOST_NAME_BAD',
      'HOST_ADDRESS_BAD',
      'CREDENTIAL_UNKNOWN',
      'JUMP_UNKNOWN',
      'LABEL_BAD',
      'ENCODING_UNKNOWN',
    ],
  }),
  change: route({
    id: 'hosts.change',
    method: 'PATCH',
    path: '/api/hosts/:id',
    summary: { zh: '修改主机', en: 'Change a host' },
    may: 'host.write',
    params: byId,
    body: hostFields.partial(),
    answer: hostSchema,
    errors: [
      'HOST_UNKNOWN',
      'HOST_EXISTS',
      'HOST_NAME_BAD',
      'HOST_ADDRESS_BAD',
      'CREDENTIAL_UNKNOWN',
      'JUMP_UNKNOWN',
      'JUMP_CYCLE',
      'LABEL_BAD',
      'ENCODING_UNKNOWN',
    ],
  }),
  /** Labels in bulk: `null` removes a label. */
  setLabels: route({
    id: 'hosts.setLabels',
    method: 'POST',
    path: '/api/hosts/labels',
    summary: { zh: '批量设置标签', en: 'Set labels in bulk' },
    may: 'host.write',
    body: z.strictObject({
      selector: selectorSchema,
      set: z.record(z.string().min(1).max(64), z.string().max(256).nullable()),
      credential: z.string().max(100).nullable().optional(),
    }),
    answer: z.object({ changed: z.number().int() }),
    errors: [
      ...selectorErrors,
      'SELECTOR_EMPTY',
      'SELECTOR_UNKNOWN_NAMES',
      'LABEL_BAD',
      'CREDENTIAL_UNKNOWN',
    ],
  }),
  remove: route({
    id: 'hosts.remove',
    method: 'POST',
    path: '/api/hosts/remove',
    summary: { zh: '批量删除主机', en: 'Delete hosts in bulk' },
    may: 'host.write',
    /** `count` is what the person saw and agreed to; a different number changes nothing. */
    body: z.strictObject({ selector: selectorSchema, count: z.number().int() }),
    answer: z.object({ removed: z.number().int() }),
    errors: [
      ...selectorErrors,
      'SELECTOR_EMPTY',
      'SELECTOR_UNKNOWN_NAMES',
      'COUNT_MISMATCH',
      'HOST_IS_JUMP',
    ],
  }),
  resolve: route({
    id: 'hosts.resolve',
    method: 'POST',
    path: '/api/hosts/resolve',
    summary: { zh: '解析操作对象', en: 'Resolve a selector to hosts' },
    may: 'host.read',
    body: z.strictObject({ selector: selectorSchema }),
    answer: z.object({
      total: z.number().int(),
      idcs: z.array(z.object({ idc: z.string(), hosts: z.number().int() })),
      /** Names written in the selector that no host has. */
      unknown: z.array(z.string()),
      ids: z.array(idSchema),
    }),
    errors: selectorErrors,
  }),
  previewImport: route({
    id: 'hosts.previewImport',
    method: 'POST',
    path: '/api/hosts/import/preview',
    summary: { zh: '预览导入', en: 'Preview an import' },
    may: 'host.write',
    body: importInput,
    bodyLimit: 16 * 1024 * 1024,
    answer: importPreviewSchema,
    errors: ['LABEL_BAD', 'CREDENTIAL_UNKNOWN', 'JUMP_UNKNOWN'],
  }),
  import: route({
    id: 'hosts.import',
    method: 'POST',
    path: '/api/hosts/import',
    summary: { zh: '导入主机', en: 'Import hosts' },
    may: 'host.write',
    body: importInput,
    bodyLimit: 16 * 1024 * 1024,
    answer: z.object({
      added: z.number().int(),
      updated: z.number().int(),
      same: z.number().int(),
    }),
    errors: ['HOSTS_FILE_PROBLEMS', 'LABEL_BAD', 'CREDENTIAL_UNKNOWN', 'JUMP_UNKNOWN'],
  }),
  acceptKey: route({
    id: 'hosts.acceptKey',
    method: 'POST',
    path: '/api/hosts/:id/accept-key',
    summary: { zh: '接受变更后的主机密钥', en: 'Accept a host’s changed key' },
    may: 'host.write',
    params: byId,
    /**
     * The fingerprint the person compared: of the new key, which is then pinned; or of the pinned one, which then
     * stays, and the offered key is forgotten. Any other changes nothing.
     */
    body: z.strictObject({ fingerprint: z.string().max(200) }),
    answer: hostSchema,
    errors: ['HOST_UNKNOWN', 'HOST_KEY_NOT_CHANGED', 'HOST_KEY_OTHER'],
  }),
  labels: route({
    id: 'hosts.labels',
    method: 'GET',
    path: '/api/labels',
    summary: { zh: '标签及其取值', en: 'Labels and their values' },
    may: 'host.read',
    answer: z.object({
      items: z.array(
        z.object({
          name: z.string(),
          values: z.array(z.object({ value: z.string(), hosts: z.number().int() })),
        }),
      ),
    }),
  }),
  demo: route({
    id: 'hosts.demo',
    method: 'POST',
    path: '/api/hosts/demo',
    summary: { zh: '加入模拟主机', en: 'Add a simulated fleet' },
    may: 'host.write',
    body: z.strictObject({
      /** The size the fleet has afterwards; 0 removes it. */
      hosts: z.number().int().min(0).max(100_000).default(200),
      /** How many the person agreed to lose; a different number changes nothing. */
      confirmRemoved: z.number().int().optional(),
    }),
    answer: z.object({ added: z.number().int(), removed: z.number().int() }),
    errors: ['DEMO_SHRINKS'],
  }),
  listGroups: route({
    id: 'groups.list',
    method: 'GET',
    path: '/api/groups',
    summary: { zh: '动态分组列表', en: 'List saved groups' },
    may: 'host.read',
    answer: z.object({ items: z.array(groupSchema) }),
  }),
  addGroup: route({
    id: 'groups.add',
    method: 'POST',
    path: '/api/groups',
    summary: { zh: '新增动态分组', en: 'Save a group' },
    may: 'group.write',
    body: z.strictObject({ name: z.string().min(1).max(64), selector: selectorSchema }),
    answer: groupSchema,
    errors: [...selectorErrors, 'GROUP_NAME_BAD', 'GROUP_EXISTS'],
  }),
  changeGroup: route({
    id: 'groups.change',
    method: 'PATCH',
    path: '/api/groups/:id',
    summary: { zh: '修改动态分组', en: 'Change a saved group' },
    may: 'group.write',
    params: byId,
    body: z.strictObject({ name: z.string().min(1).max(64), selector: selectorSchema }).partial(),
    answer: groupSchema,
    errors: [...selectorErrors, 'GROUP_NAME_BAD', 'GROUP_EXISTS', 'GROUP_IN_USE'],
  }),
  removeGroup: route({
    id: 'groups.remove',
    method: 'DELETE',
    path: '/api/groups/:id',
    summary: { zh: '删除动态分组', en: 'Delete a saved group' },
    may: 'group.write',
    params: byId,
    answer: okSchema,
    errors: ['GROUP_UNKNOWN', 'GROUP_IN_USE'],
  }),
} as const
