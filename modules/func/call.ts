// func.call: one method of a Func module on every host, its result as JSON.

import { field, module } from '@omserver/core'
import { z } from 'zod'

export const funcCall = module({
  name: 'func.call',
  title: { zh: '调用 Func 方法', en: 'Call a Func method' },
  summary: {
    zh: '在每台由 Func 管理的主机上调用模块的一个方法，结果为 JSON',
    en: 'Call a method of a Func module on every host that Func reaches; its result is JSON',
  },
  category: 'general',
  needs: {
    zh: '主机的执行通道为 func',
    en: 'Hosts whose driver is func',
  },
  params: z.object({
    function: z
      .string()
      .max(200)
      .regex(/^(?!async\.)[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$/)
      .meta(
        field({
          title: { zh: '方法', en: 'Method' },
          placeholder: 'service.status',
          format: { zh: '模块.方法，例如 test.ping', en: 'module.method, such as test.ping' },
        }),
      ),
    args: z
      .array(z.json())
      .max(100)
      .default([])
      .meta(
        field({
          title: { zh: '参数', en: 'Arguments' },
          help: {
            zh: '按顺序；命令行上写成 JSON，例如 -p args=\'["httpd"]\'',
            en: 'In order; JSON on the command line, such as -p args=\'["httpd"]\'',
          },
        }),
      ),
  }),
  action: ({ function: name, args }) => ({ kind: 'call', function: name, args }),
})
