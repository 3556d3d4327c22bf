// process.list: the processes that use most.

import { field, module, raw, sh } from '@omserver/core'
import { z } from 'zod'
import { lineCount } from '../line-count.ts'

export const processList = module({
  name: 'process.list',
  title: { zh: '进程列表', en: 'Processes' },
  summary: { zh: '占用 CPU 或内存最多的进程', en: 'The processes that use most CPU or memory' },
  category: 'process',
  idempotent: true,
  params: z.object({
    sort: z
      .enum(['cpu', 'memory'])
      .default('cpu')
      .meta(
        field({
          title: { zh: '排序', en: 'Sort by' },
          kind: 'radio',
          choices: { cpu: { zh: 'CPU', en: 'CPU' }, memory: { zh: '内存', en: 'Memory' } },
        }),
      ),
    lines: lineCount(15),
  }),
  mask: ['self', 'time', 'number'],
  action: ({ sort, lines }) =>
    // Read first: a pipe would hide that this ps does not know the options.
    sh`out=$(LC_ALL=C ps -eo pid,user:20,pcpu,pmem,rss,etime,args --sort=${raw(sort === 'cpu' ? '-pcpu' : '-rss')}) || exit
printf '%s\n' "$out" | head -n ${lines + 1}`,
  table: {
    columns: [
      { key: 'pid', title: { zh: 'PID', en: 'PID' }, type: 'number' },
      { key: 'user', title: { zh: '用户', en: 'User' }, type: 'text' },
      { key: 'cpu', title: { zh: 'CPU %', en: 'CPU %' }, type: 'number' },
      { key: 'memory', title: { zh: '内存 %', en: 'Memory %' }, type: 'number' },
      { key: 'rss', title: { zh: '常驻内存 KiB', en: 'RSS KiB' }, type: 'number' },
      { key: 'elapsed', title: { zh: '已运行', en: 'Elapsed' }, type: 'text' },
      { key: 'command', title: { zh: '命令', en: 'Command' }, type: 'text' },
    ],
    rows: { by: 'split', skip: 1 },
  },
  needs: { zh: '需要 procps 的 ps', en: 'Needs ps of procps' },
})
