// app.sync: an application's file to every host, and its service reloaded only where the file changed.

import { field, module } from '@omserver/core'
import { z } from 'zod'
import { tellUnit } from '../service/tell-unit.ts'
import { unitFormat, unitName } from '../unit-name.ts'
import { copyCheck } from './copy-check.ts'
import { fileParams } from './file-params.ts'

export const syncAppFile = module({
  name: 'app.sync',
  title: { zh: '同步应用文件', en: 'Sync an application file' },
  summary: {
    zh: '同步应用文件，仅在文件有变化的主机上重载或重启服务',
    en: 'Sync a file of an application; its service is reloaded or restarted only where the file changed',
  },
  category: 'file',
  idempotent: true,
  params: z.object({
    content: z
      .string()
      .max(1_000_000)
      .meta(field({ title: { zh: '文件内容', en: 'Content' }, kind: 'textarea' })),
    ...fileParams,
    onChange: z
      .enum(['nothing', 'reload', 'restart'])
      .default('nothing')
      .meta(
        field({
          title: { zh: '文件变化后', en: 'When it changed' },
          kind: 'radio',
          choices: {
            nothing: { zh: '不做操作', en: 'Do nothing' },
            reload: { zh: '重载服务', en: 'Reload a service' },
            restart: { zh: '重启服务', en: 'Restart a service' },
          },
        }),
      ),
    service: unitName.optional().meta(
      field({
        title: { zh: '服务名', en: 'Service' },
        when: { field: 'onChange', in: ['reload', 'restart'] },
        required: true,
        placeholder: 'nginx',
        format: unitFormat,
      }),
    ),
  }),
  action: ({ content, dest, mode, owner, backup, onChange, service }) => ({
    kind: 'steps',
    steps: [
      {
        name: 'copy',
        action: { kind: 'copy', source: { text: content }, dest, mode, owner, backup },
      },
      ...(onChange === 'nothing' || service === undefined
        ? []
        : [
            {
              name: onChange,
              action: tellUnit(onChange, service),
              when: { step: 'copy', changed: true },
            },
          ]),
    ],
  }),
  check: ({ onChange, service, ...copy }) =>
    copyCheck(copy, onChange === 'nothing' ? '' : `; then ${onChange} ${service ?? ''}`),
})
