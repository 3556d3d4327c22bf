// process.kill: a signal to a process, by number or by exact name.

import { field, module, raw, sh } from '@omserver/core'
import { z } from 'zod'

/** pgrep reads a pattern: `g++` and `node.js` as they are written. */
const pattern = (name: string): string => name.replaceAll(/[.+]/g, '[$&]')

// A signal to init can halt the host (INT restarts it), one to our own sshd cuts us off: both are among the
// processes that this command descends from.
const ours = `ours=' 1 ' p=$$
while [ "\${p:-0}" -gt 1 ]; do ours="$ours$p "; p=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$p/status" 2>/dev/null); done`

export const processKill = module({
  name: 'process.kill',
  title: { zh: '结束进程', en: 'Kill a process' },
  summary: { zh: '按 PID 或进程名发送信号', en: 'Send a signal to a process, by PID or by name' },
  category: 'process',
  dangerous: {
    zh: '进程会被结束；按进程名会命中主机上所有同名进程（执行本命令的 sshd 等上级进程除外）。',
    en: 'Processes are ended; a name hits every process of that name on the host, except those that this command runs below (its own sshd).',
  },
  params: z.object({
    by: z
      .enum(['name', 'pid'])
      .default('name')
      .meta(
        field({
          title: { zh: '查找方式', en: 'By' },
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
          format: {
            zh: '字母、数字和 . _ - + : @，以字母、数字或 _ 开头，不含空格与 /',
            en: 'letters, digits and . _ - + : @, beginning with a letter, digit or _, without blanks or /',
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
      ? sh`${raw(ours)}
case $ours in *' '${pid ?? 0}' '*) echo 'this command runs below that process: nothing was sent' >&2; exit 1 ;; esac
kill -s ${raw(signal)} ${pid ?? 0}`
      : sh`${raw(ours)}
command -v pgrep >/dev/null || { echo 'this host has no pgrep (procps)' >&2; exit 127; }
sent=0 failed=0
for p in $(pgrep -x -- ${pattern(name ?? '')}); do
  case $ours in *" $p "*) echo "left alone: $p, this command runs below it" >&2; continue ;; esac
  if kill -s ${raw(signal)} "$p"; then echo "$p" ${name ?? ''}; sent=1; elif [ -d "/proc/$p" ]; then failed=1; fi
done
[ "$sent$failed" = 10 ] || { [ "$failed" = 1 ] || echo "no other process has this name:" ${name ?? ''} >&2; exit 1; }`,
  check: ({ by, name, pid }) =>
    by === 'pid'
      ? sh`[ -d /proc/${pid ?? 0} ] || { echo 'no such process' >&2; exit 1; }; tr '\000' ' ' < /proc/${pid ?? 0}/cmdline`
      : sh`pgrep -x -l -- ${pattern(name ?? '')}`,
})
