// Files that a run collected from its hosts.

import { z } from 'zod'
import { route } from './route.ts'
import { idSchema } from './text-schema.ts'

/** What a run collected from one of its hosts. */
export const fetchedFileSchema = z.object({
  hostId: idSchema,
  host: z.string(),
  path: z.string(),
  size: z.number().int(),
  /** SHA-256, hex. */
  hash: z.string(),
})
export type FetchedFileView = z.output<typeof fetchedFileSchema>

const byId = z.object({ id: idSchema })

export const fetchedRoutes = {
  files: route({
    id: 'runs.files',
    method: 'GET',
    path: '/api/runs/:id/files',
    summary: { zh: '从主机收集的文件', en: 'Files collected from hosts' },
    may: 'run.read',
    params: byId,
    answer: z.object({ items: z.array(fetchedFileSchema) }),
    errors: ['RUN_UNKNOWN'],
  }),
  archive: route({
    id: 'runs.archive',
    method: 'GET',
    path: '/api/runs/:id/files/archive',
    summary: {
      zh: '打包下载收集的文件（tar.gz，每台主机一个目录）',
      en: 'Download what was collected (tar.gz, a folder for each host)',
    },
    may: 'file.read',
    params: byId,
    answer: z.string(),
    answerKind: 'file',
    mediaType: 'application/gzip',
    errors: ['RUN_UNKNOWN', 'NOTHING_FETCHED'],
  }),
} as const
