// it's \ a `title` ${x} //中 · it's \ a `title` ${x} //: Back up

import { fillScript, module, schemaOfForm } from '@omserver/core'

const script = `#!/bin/bash
set -eu
MYSQL_PWD={{password}} mysqldump {{database}} {{tables}} | gzip > "/b/{{database}}-\`date +%s\`.gz" # \\n \${HOME}\r
echo {{mode}} {{keep}} {{quiet}}
`

const params = schemaOfForm([
  {
    name: 'database',
    kind: 'text',
    title: { zh: 'Database中', en: 'Database' },
    required: true,
    pattern: '[a-z\']+\\d*',
    maxLength: 9,
  },
  {
    name: 'mode',
    kind: 'radio',
    title: { zh: 'Mode中', en: 'Mode' },
    required: false,
    default: 'full',
    choices: [
      { value: 'full', title: { zh: 'Full中', en: 'Full' } },
      { value: 'it\'s', title: { zh: 'it\'s', en: 'it\'s' } },
    ],
  },
  {
    name: 'keep',
    kind: 'number',
    title: { zh: 'Keep中', en: 'Keep' },
    required: true,
    min: 1,
    max: 9,
    integer: true,
  },
  {
    name: 'tables',
    kind: 'list',
    title: { zh: 'Tables中', en: 'Tables' },
    required: false,
    help: {
      zh: 'a long help that does not fit on one line of the file at all, so it is broken中',
      en: 'a long help that does not fit on one line of the file at all, so it is broken',
    },
  },
  {
    name: 'quiet',
    kind: 'checkbox',
    title: { zh: 'Quiet中', en: 'Quiet' },
    required: false,
    default: false,
  },
  {
    name: 'password',
    kind: 'secret',
    title: { zh: 'Password中', en: 'Password' },
    required: true,
  },
  {
    name: 'extra',
    kind: 'text',
    title: { zh: 'x中', en: 'x' },
    required: true,
    when: { field: 'quiet', in: [false] },
  },
])

export const classModule = module({
  name: 'class',
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
    ...fillScript('bash', script, { database: values['database'], mode: values['mode'], keep: values['keep'], tables: values['tables'], quiet: values['quiet'], password: values['password'], extra: values['extra'] }),
  }),
})
