// it's \ a `title` ${x} //中 · it's \ a `title` ${x} //: Back up

import { field, fillScript, module, secretParam } from '@omserver/core'
import { z } from 'zod'

const script = `#!/bin/bash
set -eu
MYSQL_PWD={{password}} mysqldump {{database}} {{tables}} | gzip > "/b/{{database}}-\`date +%s\`.gz" # \\n \${HOME}\r
echo {{mode}} {{keep}} {{quiet}}
`

const params = z.object({
  database: z.string().max(9).regex(new RegExp('^(?:[a-z\']+\\d*)$')).meta(field({ title: { zh: 'Database中', en: 'Database' } })),
  mode: z.enum(['full', 'it\'s']).meta(field({
    title: { zh: 'Mode中', en: 'Mode' },
    kind: 'radio',
    choices: { full: { zh: 'Full中', en: 'Full' } },
  })).default('full'),
  keep: z.number().int().min(1).max(9).meta(field({ title: { zh: 'Keep中', en: 'Keep' } })),
  tables: z.array(z.string()).meta(field({
    title: { zh: 'Tables中', en: 'Tables' },
    kind: 'list',
    help: {
      zh: 'a long help that does not fit on one line of the file at all, so it is broken中',
      en: 'a long help that does not fit on one line of the file at all, so it is broken',
    },
  })).optional(),
  quiet: z.boolean().meta(field({ title: { zh: 'Quiet中', en: 'Quiet' }, kind: 'checkbox' })).default(false),
  password: secretParam({ title: { zh: 'Password中', en: 'Password' } }),
})

export const mysqlBackup = module({
  name: 'mysql.backup',
  title: { zh: 'it\'s \\ a `title` ${x}\n//中', en: 'it\'s \\ a `title` ${x}\n//' },
  summary: { zh: 'Back up中', en: 'Back up' },
  category: 'custom',
  dangerous: { zh: 'It locks中', en: 'It locks' },
  timeoutMs: 5000,
  params,
  table: {
    columns: [{ key: 'a', title: { zh: 'a中', en: 'a' }, type: 'text' }],
    rows: { by: 'split' },
  },
  action: (values) => ({
    kind: 'script',
    interpreter: 'bash',
    runAs: { user: 'mysql', method: 'sudo' },
    ...fillScript('bash', script, { database: values['database'], mode: values['mode'], keep: values['keep'], tables: values['tables'], quiet: values['quiet'], password: values['password'] }),
  }),
})
