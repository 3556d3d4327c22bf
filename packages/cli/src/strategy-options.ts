// How a run of `om run` goes over its hosts, as options.

import type { Command } from 'commander'
import { say } from './lang.ts'

export const strategyOptions = (command: Command): Command =>
  command
    .option('--concurrency <n>', say({ zh: '并发主机数', en: 'hosts in flight at once' }))
    .option(
      '--batch <spec>',
      say({ zh: '分批，如 1,10%,50%', en: 'rolling batches, e.g. 1,10%,50%' }),
    )
    .option(
      '--max-failures <n|n%>',
      say({ zh: '失败阈值', en: 'stop when more hosts have failed' }),
    )
    .option(
      '--timeout <duration>',
      say({ zh: '单台主机超时，如 60s', en: 'time for one host, e.g. 60s' }),
    )
    .option('--run-timeout <duration>', say({ zh: '整次执行超时', en: 'time for the whole run' }))
    .option(
      '--retries <n>',
      say({ zh: '连接失败重试次数', en: 'further attempts for unreachable hosts' }),
    )
    .option(
      '--detach',
      say({
        zh: '发起后立即返回；可行时命令脱离连接运行，OMServer 重启也不中断',
        en: 'return once it is launched; where possible its commands go on by themselves on their hosts, through a restart of OMServer',
      }),
    )
    .option(
      '--no-detach',
      say({
        zh: '命令不脱离连接运行（单台超时大于 10 分钟时默认脱离）',
        en: 'keep its commands on their connections (with more than 10 minutes for one host they go on by themselves)',
      }),
    )
