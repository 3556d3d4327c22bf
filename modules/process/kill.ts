// process.kill: a signal to a process, by number or by exact name.

import { field, module, raw, sh } from '@omserver/core'
import { z } from 'zod'

export const processKill = module({
  name: 'process.kill',
  title: { zh: '结束进程', en: 'Kill a process' },
  summary: { zh: '按 PID 或进程名发送信号', en: 'Send a signal to a process, by PID or by name' },
  category: 'process',
  dangerous: {
    zh: '进程会被结束；按进程名会命中主机上所有同名进程。',
    en: 'Processes are ended; a name hits every process of that name on the host.',
  },
  params: z.object({
    by: z
      .enum(['name', 'pid'])
      .default('name')
      .meta(
        field({
          title: { zh: '按', en: 'By' },
          kind: 'radio',
          choices: { name: { zh: '进程名', en: 'Name' }, pid: { zh: 'PID', en: 'PID' } },
        }),
      ),
    name: z
      .string()
      .max(15)
      .regex(/^[A-Za-z0-9_][A-Za-z0-9_.:@+-]*$/)
      .optional()
      .meta(
        field({
          title: { zh: '进程名', en: 'Name' },
          help: {
            zh: '完整的进程名（内核保留前 15 个字符）',
            en: 'The whole name (the kernel keeps 15 characters)',
          },
          when: { field: 'by', in: ['name'] },
          required: true,
        }),
      ),
    pid: z
      .number()
      .int()
      .min(2)
      .max(4_194_304)
      .optional()
      .meta(
        field({
          title: { zh: 'PID', en: 'PID' },
          when: { field: 'by', in: ['pid'] },
          required: true,
        }),
      ),
    signal: z
      .enum(['TERM', 'KILL', 'HUP', 'INT', 'USR1', 'USR2'])
      .default('TERM')
      .meta(field({ title: { zh: '信号', en: 'Signal' } })),
  }),
  action: ({ by, name, pid, signal }) =>
    by === 'pid'
      ? sh`kill -${raw(signal)} ${pid ?? 0}`
      : sh`pgrep -x -l -- ${name ?? ''} && pkill -${raw(signal)} -x -- ${name ?? ''}`,
  check: ({ by, name, pid }) =>
    by === 'pid' ? sh`ps -o pid,user,args -p ${pid ?? 0}` : sh`pgrep -x -l -- ${name ?? ''}`,
})
