// fetch: collects one file from every host; all of them can be downloaded as one archive.

import { field, module } from '@omserver/core'
import { z } from 'zod'
import { absolutePath, pathFormat } from '../file/file-params.ts'

const MB = 1_000_000

export const fetch = module({
  name: 'fetch',
  title: { zh: '收集文件', en: 'Fetch a file' },
  summary: {
    zh: '从每台主机收集一个文件，显示大小与校验和，可打包下载',
    en: 'Collect a file from every host: its size and checksum, and all of them as one archive',
  },
  category: 'file',
  idempotent: true,
  timeoutMs: 3_600_000,
  params: z.object({
    path: absolutePath.meta(
      field({
        title: { zh: '文件路径', en: 'Path' },
        placeholder: '/etc/nginx/nginx.conf',
        format: pathFormat,
      }),
    ),
    maxMegabytes: z
      .number()
      .int()
      .min(1)
      .max(1000)
      .default(10)
      .meta(
        field({
          title: { zh: '单台上限（MB）', en: 'Limit per host (MB)' },
          help: {
            zh: '超过上限的主机会失败，不传输内容',
            en: 'A host whose file is larger fails, and nothing is transferred',
          },
        }),
      ),
  }),
  action: ({ path, maxMegabytes }) => ({ kind: 'fetch', path, maxBytes: maxMegabytes * MB }),
})
