// ansible.playbook: plays a playbook of a registered project on the hosts that were picked.

import { field, type Json, module, secretParam } from '@omserver/core'
import { z } from 'zod'

const MAX_VARS_CHARACTERS = 256_000

/** Extra vars beat everything: with one of these a form would say where and as whom Ansible logs in. */
const ruling =
  /^(?:ansible_.*|hostvars|groups|group_names|inventory_.*|play_hosts|playbook_dir|role_path|omit|vars|environment)$/

const said = (zh: string, en: string) => ({ params: { zh, en } })

type Vars = Record<string, Json>

const varsOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isVars = (value: unknown): value is Vars =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const problemOf = (vars: Vars): z.core.$ZodCustomParams | undefined => {
  const names = Object.keys(vars)
  const odd = names.find((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
  if (odd !== undefined) {
    return said(
      `变量名 ${JSON.stringify(odd)} 只能由字母、数字和下划线组成，且不以数字开头`,
      `the name ${JSON.stringify(odd)} must be letters, digits and underscores, no digit first`,
    )
  }
  const ruled = names.find((name) => ruling.test(name))
  if (ruled === undefined) return undefined
  return said(
    `变量 ${ruled} 由 OMServer 决定，不能在这里设置`,
    `the variable ${ruled} is for OMServer to set, not for a form`,
  )
}

/** An object, or JSON text of one: a form has no other way to write it. */
const vars = z
  .union([z.record(z.string(), z.json()), z.string().max(MAX_VARS_CHARACTERS)])
  .transform((given, context): Vars => {
    const value = typeof given === 'string' ? varsOf(given) : given
    const problem = isVars(value)
      ? problemOf(value)
      : said(
          '应为 JSON 对象，如 {"version": "1.2"}',
          'must be a JSON object, such as {"version": "1.2"}',
        )
    if (problem) context.addIssue({ code: 'custom', input: given, ...problem })
    return isVars(value) ? value : {}
  })

const tag = z
  .string()
  .max(100)
  .regex(/^[^\s,-][^\s,]*$/)
const tags = z.array(tag).max(50).optional()
const tagFormat = {
  zh: '标签名，不含空格和逗号，不以 - 开头',
  en: 'names without spaces and commas, no - first',
}

export const ansiblePlaybook = module({
  name: 'ansible.playbook',
  title: { zh: '执行 Ansible Playbook', en: 'Play an Ansible playbook' },
  summary: {
    zh: '在所选主机上执行项目里的 playbook，每台主机、每个任务的结果都能看到',
    en: 'Plays a playbook of a project on the hosts you pick; every host and every task shows how it went',
  },
  category: 'ansible',
  needs: {
    zh: '主控端装有 ansible-core；项目由管理员登记',
    en: 'ansible-core on the controller, and a project that an administrator has registered',
  },
  timeoutMs: 3_600_000,
  checksItself: true,
  params: z.object({
    project: z
      .string()
      .min(1)
      .max(100)
      .meta(field({ title: { zh: '项目', en: 'Project' }, choicesFrom: { from: 'projects' } })),
    playbook: z
      .string()
      .max(1000)
      .regex(/^(?![-/])(?!(?:.*\/)?\.\.(?:\/|$))[^\p{C}]+$/u)
      .meta(
        field({
          title: { zh: 'Playbook', en: 'Playbook' },
          help: {
            zh: '项目内的路径，如 site.yml',
            en: 'Path within the project, such as site.yml',
          },
          placeholder: 'site.yml',
          format: {
            zh: '项目内的相对路径，不含 ..',
            en: 'a path within the project, without ..',
          },
          choicesFrom: { from: 'playbooks', project: 'project' },
        }),
      ),
    vars: vars.optional().meta(
      field({
        title: { zh: '变量（JSON）', en: 'Variables (JSON)' },
        help: {
          zh: '优先于 playbook 里的同名变量；按原样传入，{{ }} 不会被展开',
          en: 'They win over those of the playbook, and are passed as they stand: {{ }} is not expanded',
        },
        kind: 'textarea',
        placeholder: '{"version": "1.2"}',
      }),
    ),
    tags: tags.meta(
      field({
        title: { zh: '只执行这些标签', en: 'Only these tags' },
        kind: 'list',
        format: tagFormat,
      }),
    ),
    skipTags: tags.meta(
      field({
        title: { zh: '跳过这些标签', en: 'Skip these tags' },
        kind: 'list',
        format: tagFormat,
      }),
    ),
    limit: z
      .string()
      .max(1000)
      .regex(/^(?!-)[^@\p{C}]+$/u)
      .optional()
      .meta(
        field({
          title: { zh: '再缩小范围（limit）', en: 'Limit' },
          help: {
            zh: '在所选主机中再筛选，写法同 ansible-playbook --limit；一般不用填',
            en: 'Narrows the hosts you picked further, written as for ansible-playbook --limit; mostly left empty',
          },
          format: {
            zh: 'Ansible 的主机模式，不能引用文件（@）',
            en: 'a pattern of Ansible, not a file (@)',
          },
        }),
      ),
    vaultPassword: secretParam({
      title: { zh: 'Vault 密码', en: 'Vault password' },
      help: {
        zh: '项目里有 ansible-vault 加密内容时填写',
        en: 'Where something in the project is encrypted with ansible-vault',
      },
    }).optional(),
  }),
  action: ({ vars: given = {}, ...rest }) => ({ kind: 'playbook', ...rest, vars: given }),
})
