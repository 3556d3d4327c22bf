// copy: puts a small text file in place, atomically, and leaves identical files alone.

import { field, module } from '@omserver/core'
import { z } from 'zod'
import { copyCheck } from '../file/copy-check.ts'
import { fileParams } from '../file/file-params.ts'

export const copy = module({
  name: 'copy',
  title: { zh: '分发文件', en: 'Copy a file' },
  summary: {
    zh: '向每台主机分发一个小文本文件（原子替换），内容相同则跳过',
    en: 'Put a small text file in place atomically on every host; identical files are left alone',
  },
  category: 'file',
  idempotent: true,
  params: z.object({
    content: z
      .string()
      .max(1_000_000)
      .meta(field({ title: { zh: '文件内容', en: 'Content' }, kind: 'textarea' })),
    ...fileParams,
  }),
  action: ({ content, dest, mode, owner, backup }) => ({
    kind: 'copy',
    source: { text: content },
    dest,
    mode,
    owner,
    backup,
  }),
  check: (params) => copyCheck(params),
})
