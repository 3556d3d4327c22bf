// salt.state: applies Salt states to minions; in check mode Salt itself says what would change.

import { field, module } from '@omserver/core'
import { z } from 'zod'
import { jsonObject, objectOf } from './json-text.ts'

export const saltState = module({
  name: 'salt.state',
  title: { zh: '应用 Salt 状态', en: 'Apply Salt states' },
  summary: {
    zh: '在 minion 上执行 state.apply，逐条显示每个状态；试运行时用 test=True',
    en: 'Run state.apply on minions and show each state; check mode is test=True',
  },
  category: 'general',
  timeoutMs: 1_800_000,
  params: z.object({
    sls: z
      .string()
      .max(2000)
      .regex(/^[\w./-]+(?:\s*,\s*[\w./-]+)*$/)
      .meta(
        field({
          title: { zh: '状态文件（sls）', en: 'States (sls)' },
          format: {
            zh: '状态名，多个用逗号分隔，例如 web,common.users',
            en: 'names of states, separated by commas, such as web,common.users',
          },
          placeholder: 'web',
        }),
      ),
    pillar: jsonObject({
      title: { zh: '附加 pillar（JSON）', en: 'Further pillar (JSON)' },
      help: {
        zh: '不要放密码：Salt 会把它记入作业缓存和日志',
        en: 'No passwords: Salt keeps it in its job cache and its logs',
      },
      placeholder: '{"version": "1.2"}',
    }),
    saltenv: z
      .string()
      .max(100)
      .regex(/^[\w.-]+$/)
      .optional()
      .meta(
        field({
          title: { zh: '环境（saltenv）', en: 'Environment (saltenv)' },
          format: { zh: '环境名，例如 base', en: 'the name of an environment, such as base' },
          placeholder: 'base',
        }),
      ),
  }),
  action: ({ sls, pillar, saltenv }) => {
    const more = objectOf(pillar)
    return {
      kind: 'state',
      sls: sls.split(',').map((name) => name.trim()),
      ...(more === undefined ? {} : { pillar: more }),
      ...(saltenv === undefined ? {} : { saltenv }),
    }
  },
})
