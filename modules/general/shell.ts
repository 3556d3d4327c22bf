// shell: any command line, run by /bin/sh on every host.

import { field, module, raw, sh } from '@omserver/core'
import { z } from 'zod'

export const shell = module({
  name: 'shell',
  title: { zh: '执行命令', en: 'Shell command' },
  summary: {
    zh: '在每台主机上用 /bin/sh 执行一条命令',
    en: 'Run a command line with /bin/sh on every host',
  },
  category: 'general',
  params: z.object({
    command: z
      .string()
      .min(1)
      .max(32_000)
      .meta(
        field({
          title: { zh: '命令', en: 'Command' },
          kind: 'textarea',
          placeholder: 'uname -a',
        }),
      ),
  }),
  // The one place where raw text is the point: the person typed the command and sees it as it will run.
  action: ({ command }) => sh`${raw(command)}`,
})
