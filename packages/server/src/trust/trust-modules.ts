// Trust as task modules: found in the catalogue, launched by `om run`, granted and listed as any other.

import { field, Problem, parsePasswords, secretParam } from '@omserver/core'
import { z } from 'zod'
import { type HostedLaunch, type HostedModule, hostedModule } from '../modules/index.ts'
import { putKey } from './key-actions.ts'
import type { TrustService } from './service.ts'
import { login, titles } from './titles.ts'

const credentialName = z.string().min(1).max(100)

const establishParams = z.object({
  credential: credentialName.meta(
    field({
      title: { zh: '密钥凭据', en: 'Key' },
      help: {
        zh: '凭据名称；其公钥会加入各主机的 authorized_keys，成功后成为主机的凭据',
        en: 'Name of a credential; its public key goes into authorized_keys, and it becomes the credential of the hosts',
      },
    }),
  ),
  user: z
    .string()
    .min(1)
    .max(64)
    .default('root')
    .meta(field({ title: { zh: '登录账号', en: 'Log in as' } })),
  password: secretParam({
    title: { zh: '一次性密码', en: 'One-time password' },
    help: { zh: '所有主机通用；只用一次，不保存', en: 'For all hosts; used once, stored nowhere' },
  }).optional(),
  passwords: secretParam({
    title: { zh: '每台主机的密码', en: 'A password for each host' },
    help: {
      zh: '每行一台：主机名 密码；优先于通用密码',
      en: 'One host a line: NAME PASSWORD; goes before the one for all',
    },
  }).optional(),
})

const rotateParams = z.object({
  from: credentialName.meta(field({ title: { zh: '现用密钥', en: 'Present key' } })),
  to: credentialName.meta(field({ title: { zh: '新密钥', en: 'New key' } })),
  removeOld: z
    .boolean()
    .default(true)
    .meta(
      field({ title: { zh: '验证后移除旧密钥', en: 'Remove the old key once the new one works' } }),
    ),
})

export const trustModules = (trust: TrustService): readonly HostedModule[] => [
  hostedModule({
    name: 'trust.establish',
    title: titles['trust.establish'],
    summary: {
      zh: '用一次性密码把公钥放到主机上，验证后改用密钥登录',
      en: 'Put our public key on hosts with a one-time password, verify it, and use it from then on',
    },
    category: 'trust',
    may: 'trust.write',
    idempotent: true,
    params: establishParams,
    firstAction: async ({ credential }) => putKey(await trust.keyOf(credential)),
    launch: (actor, { credential, user }, { secrets, ...launch }) =>
      trust.establish(actor, {
        ...launch,
        credential,
        user,
        password: secrets.get('password'),
        passwords: passwordsIn(secrets),
      }),
  }),
  hostedModule({
    name: 'trust.rotate',
    title: { zh: '轮换密钥', en: 'Rotate keys' },
    summary: {
      zh: '放置新密钥、验证，再移除旧密钥；验证不通过的主机保持原样',
      en: 'Put a new key in place, verify it, then remove the old one; hosts where it does not work stay as they are',
    },
    category: 'trust',
    may: 'trust.write',
    params: rotateParams,
    firstAction: async ({ to }) => putKey(await trust.keyOf(to)),
    launch: (actor, params, launch) => trust.rotate(actor, { ...launchOf(launch), ...params }),
  }),
  hostedModule({
    name: 'trust.check',
    title: titles['trust.check'],
    summary: {
      zh: '用各主机自己的凭据重新登录一次，失败按原因归组',
      en: 'Log in anew with each host’s own credential; failures are grouped by reason',
    },
    category: 'trust',
    may: 'run.launch',
    idempotent: true,
    params: z.object({}),
    firstAction: () => Promise.resolve(login),
    launch: (actor, _, launch) => trust.check(actor, launchOf(launch)),
  }),
]

const launchOf = ({ secrets: _, ...launch }: HostedLaunch): Omit<HostedLaunch, 'secrets'> => launch

/** Throws Problem PARAMS_INVALID with the lines that hold no name and password. */
const passwordsIn = (secrets: HostedLaunch['secrets']): Readonly<Record<string, string>> => {
  const { passwords, badLines, doubled } = parsePasswords(secrets.get('passwords') ?? '')
  if (badLines.length === 0 && doubled.length === 0) return passwords
  const what = badLines.length > 0 ? badLines : doubled
  const message =
    badLines.length > 0
      ? {
          zh: `这些行不是“主机名 密码”：${what.slice(0, 10).join('、')}`,
          en: `these lines are not NAME PASSWORD: ${what.slice(0, 10).join(', ')}`,
        }
      : {
          zh: `这些主机出现了多次：${what.slice(0, 10).join('、')}`,
          en: `these hosts stand there twice: ${what.slice(0, 10).join(', ')}`,
        }
  throw new Problem('PARAMS_INVALID', {
    problems: [{ zh: `passwords：${message.zh}`, en: `passwords: ${message.en}` }],
    fields: [{ field: 'passwords', code: 'FIELD_FORMAT', message }],
  })
}
