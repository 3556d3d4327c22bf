// Whether `om run` waits for its run, and whether the commands of the run wait for anybody.

import { Option } from 'commander'
import { say } from './lang.ts'

export const detach = (): Option =>
  new Option(
    '--detach',
    say({
      zh: '发起后立即返回；可行时命令脱离连接运行，OMServer 重启也不中断',
      en: 'return once it is launched; where possible its commands go on by themselves on their hosts, through a restart of OMServer',
    }),
  )

export const noDetach = (): Option =>
  new Option(
    '--no-detach',
    say({
      zh: '命令不脱离连接运行（单台超时大于 10 分钟时默认脱离）',
      en: 'keep its commands on their connections (with more than 10 minutes for one host they go on by themselves)',
    }),
  )
