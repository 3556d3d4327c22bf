// The parameters of a file on a host: where, with which mode, whose, and whether the old one is kept.

import { field } from '@omserver/core'
import { z } from 'zod'

export const pathFormat = {
  zh: '以 / 开头的绝对路径，含文件名，不以 / 结尾，不含换行',
  en: 'an absolute path that begins with /, with the file name, not ending in /, without line breaks',
}

export const absolutePath = z
  .string()
  .max(4096)
  .regex(/^\/[^\n\0]*[^/\n\0]$/)

export const fileParams = {
  dest: absolutePath.meta(
    field({
      title: { zh: '目标路径', en: 'Destination' },
      help: {
        zh: '主机上的绝对路径，含文件名',
        en: 'Absolute path on the host, with the file name',
      },
      placeholder: '/etc/app/app.conf',
      format: pathFormat,
    }),
  ),
  mode: z
    .string()
    .regex(/^[0-7]{3,4}$/)
    .optional()
    .meta(
      field({
        title: { zh: '权限', en: 'Mode' },
        help: {
          zh: '八进制；留空则保持原样，新文件为 0644',
          en: 'Octal; empty keeps what is there, 0644 for a new file',
        },
        placeholder: '0644',
        format: {
          zh: '三或四位八进制数字，例如 0644',
          en: 'three or four octal digits, such as 0644',
        },
      }),
    ),
  owner: z
    .string()
    .max(64)
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$/)
    .optional()
    .meta(
      field({
        title: { zh: '属主', en: 'Owner' },
        placeholder: 'root:root',
        format: {
          zh: '用户 或 用户:组，只含字母、数字和 . _ -',
          en: 'user or user:group, of letters, digits and . _ -',
        },
      }),
    ),
  backup: z
    .boolean()
    .default(true)
    .meta(field({ title: { zh: '保留旧文件备份', en: 'Keep a backup of the old file' } })),
} as const
