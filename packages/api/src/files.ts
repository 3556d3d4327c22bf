// The file library (文件库): named files and folders with versions, which copies put onto hosts.

import { z } from 'zod'
import { route } from './route.ts'
import { okSchema, timeSchema } from './text-schema.ts'

/** No path: a library has no folders, and a name must survive a command line. */
export const fileNameSchema = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\s/\\\p{C}][^/\\\p{C}]*$/u)

/** `folder`: a tar archive, unpacked on the host. */
export const fileKinds = ['file', 'folder'] as const

export const fileVersionSchema = z.object({
  name: z.string(),
  version: z.number().int(),
  kind: z.enum(fileKinds),
  /** Bytes; of a folder, those of its archive. */
  size: z.number().int(),
  /** SHA-256, hex. */
  hash: z.string(),
  addedAt: timeSchema,
  addedBy: z.string(),
})
export type FileVersionView = z.output<typeof fileVersionSchema>

/** An entry of the library: its newest version, and how many there are. */
export const fileSchema = fileVersionSchema.extend({ versions: z.number().int() })
export type FileView = z.output<typeof fileSchema>

const byName = z.object({ name: fileNameSchema })
const version = z.coerce.number().int().min(1).optional()

export const fileRoutes = {
  list: route({
    id: 'files.list',
    method: 'GET',
    path: '/api/files',
    summary: { zh: '文件库', en: 'Files of the library' },
    may: 'file.read',
    answer: z.object({ items: z.array(fileSchema) }),
  }),
  versions: route({
    id: 'files.versions',
    method: 'GET',
    path: '/api/files/:name/versions',
    summary: { zh: '一个文件的全部版本', en: 'All versions of a file' },
    may: 'file.read',
    params: byName,
    answer: z.object({ items: z.array(fileVersionSchema) }),
    errors: ['FILE_UNKNOWN'],
  }),
  put: route({
    id: 'files.put',
    method: 'PUT',
    path: '/api/files/:name',
    summary: {
      zh: '上传新版本；内容即请求体（application/octet-stream），与最新版本相同则不新增',
      en: 'Upload a new version: the body is the content (application/octet-stream). The same content as the newest version adds none',
    },
    may: 'file.write',
    params: byName,
    query: z.strictObject({ kind: z.enum(fileKinds).default('file') }),
    bodyKind: 'stream',
    answer: fileVersionSchema,
    errors: ['FILE_TOO_LARGE', 'FILE_INCOMPLETE'],
  }),
  content: route({
    id: 'files.content',
    method: 'GET',
    path: '/api/files/:name/content',
    summary: { zh: '下载一个版本，默认最新', en: 'Download a version, the newest by default' },
    may: 'file.read',
    params: byName,
    query: z.strictObject({ version }),
    answer: z.string(),
    answerKind: 'file',
    mediaType: 'application/octet-stream',
    errors: ['FILE_UNKNOWN', 'FILE_VERSION_UNKNOWN'],
  }),
  remove: route({
    id: 'files.remove',
    method: 'DELETE',
    path: '/api/files/:name',
    summary: {
      zh: '删除一个版本，或整个文件',
      en: 'Delete a version, or the file with all of them',
    },
    may: 'file.write',
    params: byName,
    query: z.strictObject({ version }),
    answer: okSchema,
    errors: ['FILE_UNKNOWN', 'FILE_VERSION_UNKNOWN', 'FILE_IN_USE'],
  }),
} as const
