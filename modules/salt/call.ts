// salt.call: one function of Salt's execution modules on every minion.

import { field, module } from '@omserver/core'
import { z } from 'zod'
import { jsonList, jsonObject, listOf, objectOf } from './json-text.ts'

export const saltCall = module({
  name: 'salt.call',
  title: { zh: '调用 Salt 函数', en: 'Call a Salt function' },
  summary: {
    zh: '在 minion 上调用一个执行模块函数，返回值以 JSON 显示',
    en: 'Call one function of an execution module on minions; what it returns is shown as JSON',
  },
  category: 'general',
  timeoutMs: 300_000,
  params: z.object({
    function: z
      .string()
      .max(200)
      .regex(/^[A-Za-z_]\w*(?:\.\w+)+$/)
      .meta(
        field({
          title: { zh: '函数', en: 'Function' },
          format: {
            zh: '模块名.函数名，例如 test.ping',
            en: 'module.function, such as test.ping',
          },
          placeholder: 'test.ping',
        }),
      ),
    args: jsonList({
      title: { zh: '参数（JSON 数组）', en: 'Arguments (JSON array)' },
      help: {
        zh: 'Salt 会把形如 a=b 的文本当作命名参数；这样的值请写在下一项',
        en: 'Salt takes a text such as a=b for a named argument: give such a value below',
      },
      placeholder: '["nginx"]',
    }),
    kwargs: jsonObject({
      title: { zh: '命名参数（JSON 对象）', en: 'Named arguments (JSON object)' },
      placeholder: '{"name": "nginx"}',
    }),
  }),
  action: ({ function: name, args, kwargs }) => {
    const named = objectOf(kwargs)
    return {
      kind: 'call',
      function: name,
      args: listOf(args),
      ...(named === undefined ? {} : { kwargs: named }),
    }
  },
})
