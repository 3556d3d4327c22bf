// script: a script of several lines, fed to its interpreter.

import { field, module } from '@omserver/core'
import { z } from 'zod'

export const script = module({
  name: 'script',
  title: { zh: '执行脚本', en: 'Script' },
  summary: {
    zh: '在每台主机上执行多行脚本，脚本内容不会出现在进程列表中',
    en: 'Run a script of several lines; it never appears in a list of processes',
  },
  category: 'general',
  timeoutMs: 300_000,
  params: z.object({
    interpreter: z
      .enum(['sh', 'bash', 'python3', 'perl'])
      .default('sh')
      .meta(field({ title: { zh: '解释器', en: 'Interpreter' }, kind: 'radio' })),
    content: z
      .string()
      .min(1)
      .max(256_000)
      .meta(field({ title: { zh: '脚本内容', en: 'Script' }, kind: 'textarea' })),
    args: z
      .array(z.string().max(4000))
      .max(100)
      .default([])
      .meta(field({ title: { zh: '脚本参数', en: 'Arguments' } })),
  }),
  action: ({ interpreter, content, args }) => ({ kind: 'script', interpreter, content, args }),
})
