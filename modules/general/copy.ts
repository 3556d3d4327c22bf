// copy: puts a file or a folder of the library, or a text typed here, in place; what is identical is left alone.

import { field, module } from '@omserver/core'
import { z } from 'zod'
import { copyCheck } from '../file/copy-check.ts'
import { fileParams } from '../file/file-params.ts'

export const copy = module({
  name: 'copy',
  title: { zh: '分发文件', en: 'Copy a file' },
  summary: {
    zh: '把文件库中的文件、文件夹或一段文本分发到每台主机（原子替换），内容相同则跳过',
    en: 'Put a file or folder of the library, or a text, in place atomically on every host; what is identical is left alone',
  },
  category: 'file',
  idempotent: true,
  timeoutMs: 3_600_000,
  params: z
    .object({
      src: z
        .string()
        .max(200)
        .optional()
        .meta(
          field({
            title: { zh: '文件库中的文件', en: 'File of the library' },
            help: {
              zh: '文件库中的名称；留空则分发下面填写的内容',
              en: 'Its name there; empty takes the content typed below',
            },
            placeholder: 'app.conf',
          }),
        ),
      version: z
        .number()
        .int()
        .min(1)
        .optional()
        .meta(
          field({
            title: { zh: '版本', en: 'Version' },
            help: { zh: '留空为最新版本', en: 'Empty is the newest' },
          }),
        ),
      content: z
        .string()
        .max(1_000_000)
        .optional()
        .meta(field({ title: { zh: '文件内容', en: 'Content' }, kind: 'textarea' })),
      ...fileParams,
      template: z
        .boolean()
        .default(false)
        .meta(
          field({
            title: { zh: '作为模板', en: 'It is a template' },
            help: {
              zh: '把 {{host.name}}、{{host.address}}、{{host.labels.idc}} 换成每台主机自己的值；主机没有的变量会使该主机失败，且不发送任何内容',
              en: '{{host.name}}, {{host.address}} and {{host.labels.idc}} become the values of each host; a host that lacks one fails before anything is sent',
            },
          }),
        ),
    })
    .refine(({ src, content }) => (src === undefined) !== (content === undefined), {
      path: ['src'],
      params: {
        zh: '请给出文件库中的文件，或填写内容，二者选一',
        en: 'give either a file of the library or the content',
      },
    }),
  action: ({ src, version, content, dest, mode, owner, backup, template }) => ({
    kind: 'copy',
    source: src === undefined ? { text: content ?? '' } : { file: src, version },
    ...(template ? { template } : {}),
    dest,
    mode,
    owner,
    backup,
  }),
  check: (params) => {
    const { src, version, content = '', dest, mode, owner, template } = params
    if (src === undefined && !template) return copyCheck({ content, dest, mode, owner })
    // Its driver compares: only there is the content known.
    return {
      kind: 'copy',
      source: src === undefined ? { text: content } : { file: src, version },
      ...(template ? { template } : {}),
      dest,
      mode,
      owner,
    }
  },
})
