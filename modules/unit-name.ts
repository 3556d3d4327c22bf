// The parameter "name of a service", the same in every module that acts on one.

import { field } from '@omserver/core'
import { z } from 'zod'

export const unitFormat = {
  zh: '字母、数字和 . _ - @ : \\，不含空格与 /，不以 - 或 . 开头',
  en: 'letters, digits and . _ - @ : \\, without blanks or /, not beginning with - or .',
}

/** A systemd unit or an init script: no leading dash, no path, no white space. */
export const unitName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[A-Za-z0-9_@][A-Za-z0-9:_.@\\-]*$/)
  .meta(
    field({
      title: { zh: '服务名', en: 'Service' },
      help: {
        zh: 'systemd 单元或 init 脚本的名称',
        en: 'Name of a systemd unit or an init script',
      },
      placeholder: 'nginx',
      format: unitFormat,
    }),
  )
