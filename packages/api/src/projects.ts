// Projects of playbooks: folders and Git repositories that administrators registered.

import { z } from 'zod'
import { route } from './route.ts'
import { idSchema, okSchema, textSchema, timeSchema } from './text-schema.ts'

/** What may be wrong with a project at the moment at which it is read. */
const readErrors = [
  'PROJECT_PATH_BAD',
  'PROJECT_URL_BAD',
  'PROJECT_REF_UNKNOWN',
  'PROJECT_UNREACHABLE',
  'PROJECT_GIT_MISSING',
  'PROJECT_LINK',
  'PROJECT_FILE_SPECIAL',
  'PROJECT_UNREADABLE',
  'PROJECT_TOO_LARGE',
  'CREDENTIAL_UNKNOWN',
] as const

/** Of a launch whose action plays a playbook. */
export const projectErrors = [
  'PROJECT_UNKNOWN',
  'PLAYBOOK_MISSING',
  'PLAYBOOK_OUTSIDE',
  'PROJECT_ARCHIVE_GONE',
  ...readErrors.filter((code) => code !== 'CREDENTIAL_UNKNOWN'),
] as const

export const projectSchema = z.object({
  id: idSchema,
  name: z.string(),
  kind: z.enum(['folder', 'git']),
  /** Of a folder on the server. */
  path: z.string().nullable(),
  url: z.string().nullable(),
  /** Branch, tag or commit; null: the branch that the repository names as its own. */
  ref: z.string().nullable(),
  /** Name of the credential that opens the repository. */
  credential: z.string().nullable(),
  /** As it was read last. */
  commit: z.string().nullable(),
  playbooks: z.array(z.string()),
  /** Files in it, and the archive made of them. */
  files: z.number().int(),
  bytes: z.number().int(),
  sha256: z.string(),
  /** Roles and collections that it names in a requirements.yml. */
  requirements: z.boolean(),
  /** When it was read last, with success. */
  refreshedAt: timeSchema,
  /** Why it could not be read since. */
  trouble: z.object({ at: timeSchema, text: textSchema }).nullable(),
  createdAt: timeSchema,
})
export type ProjectView = z.output<typeof projectSchema>

const place = {
  /** Absolute, of a folder on the server. */
  path: z.string().min(1).max(4096).optional(),
  url: z.string().min(1).max(2000).optional(),
  ref: z
    .string()
    .max(200)
    // What git would take for an option, a pattern or two refs at once.
    .regex(/^(?![-+/.])(?!.*\.\.)[^\s\p{C}~^:?*[\\]+$/u)
    .optional(),
  /** Name or id: a password or token for https, a key for ssh. */
  credential: z.string().max(100).optional(),
}

export const projectInput = z.strictObject({
  name: z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,99}$/u),
  ...place,
})
export type ProjectInput = z.input<typeof projectInput>

/** Name or id. */
const byId = z.object({ id: z.string().min(1).max(100) })

export const projectRoutes = {
  list: route({
    id: 'projects.list',
    method: 'GET',
    path: '/api/projects',
    summary: { zh: '项目列表', en: 'List projects' },
    may: 'project.read',
    answer: z.object({ items: z.array(projectSchema) }),
  }),
  show: route({
    id: 'projects.show',
    method: 'GET',
    path: '/api/projects/:id',
    summary: { zh: '项目详情', en: 'One project' },
    may: 'project.read',
    params: byId,
    answer: projectSchema,
    errors: ['PROJECT_UNKNOWN'],
  }),
  add: route({
    id: 'projects.add',
    method: 'POST',
    path: '/api/projects',
    summary: { zh: '登记项目（立即读取一次）', en: 'Register a project; it is read at once' },
    may: 'project.write',
    body: projectInput,
    answer: projectSchema,
    errors: ['PROJECT_EXISTS', 'PROJECT_PLACE', ...readErrors],
  }),
  /** Only what is given; the place it comes from is read at once. */
  change: route({
    id: 'projects.change',
    method: 'PATCH',
    path: '/api/projects/:id',
    summary: { zh: '修改项目的来源', en: 'Change where a project comes from' },
    may: 'project.write',
    params: byId,
    body: z.strictObject({
      path: place.path,
      url: place.url,
      ref: place.ref.nullable(),
      credential: place.credential.nullable(),
    }),
    answer: projectSchema,
    errors: ['PROJECT_UNKNOWN', 'PROJECT_PLACE', ...readErrors],
  }),
  refresh: route({
    id: 'projects.refresh',
    method: 'POST',
    path: '/api/projects/:id/refresh',
    summary: { zh: '重新读取项目', en: 'Read a project again' },
    may: 'project.write',
    params: byId,
    answer: projectSchema,
    errors: ['PROJECT_UNKNOWN', ...readErrors],
  }),
  remove: route({
    id: 'projects.remove',
    method: 'DELETE',
    path: '/api/projects/:id',
    summary: { zh: '删除项目', en: 'Remove a project' },
    may: 'project.write',
    params: byId,
    answer: okSchema,
    errors: ['PROJECT_UNKNOWN'],
  }),
} as const
