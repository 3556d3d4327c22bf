// `om up`: starts everything in one process and says how to reach it.

import { existsSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { errorText } from '@omserver/api'
import { Problem } from '@omserver/core'
import { EXIT_SERVER, EXIT_USAGE, ExitError } from '../exit.ts'
import { lang, say } from '../lang.ts'
import { type Served, serveAll } from '../serve.ts'
import { bold, dim, print } from '../terminal.ts'

export interface UpOptions {
  readonly data?: string
  readonly port?: string
  readonly host?: string
  readonly tls?: boolean
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly allowHttp?: boolean
  readonly modules?: string
}

const packageDir = resolve(import.meta.dirname, '../../..')

export const up = async (options: UpOptions): Promise<void> => {
  const env = process.env
  const port = portOf(options.port ?? env['OM_PORT'])
  const host = options.host ?? env['OM_HOST'] ?? '127.0.0.1'
  const dataDir = resolve(options.data ?? env['OM_DATA'] ?? 'data')
  const webDir = join(packageDir, 'web/dist')
  let served: Served
  try {
    served = await serveAll({
      dataDir,
      host,
      port,
      tls: tlsOf(options),
      allowHttp: options.allowHttp,
      webDir: existsSync(webDir) ? webDir : undefined,
      modulesDir: resolve(options.modules ?? env['OM_MODULES'] ?? join(dataDir, 'modules')),
      adminPassword: env['OM_ADMIN_PASSWORD'] || undefined,
    })
  } catch (error) {
    if (error instanceof Problem)
      throw new ExitError(EXIT_SERVER, errorText(error.code, error.details)[lang])
    throw error
  }
  greet(served, { port, host })
  // The first signal lets hosts in flight be recorded; a second one is for those who cannot wait.
  let stopping = false
  const stop = async () => {
    if (stopping) process.exit(130)
    stopping = true
    await served.close()
    process.exit(0)
  }
  process.on('SIGINT', () => void stop())
  process.on('SIGTERM', () => void stop())
}

const portOf = (text: string | undefined): number => {
  if (text === undefined) return 8640
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new ExitError(
    EXIT_USAGE,
    say({ zh: `端口应为 0–65535：${text}`, en: `A port is a number from 0 to 65535, not ${text}` }),
  )
}

const tlsOf = ({ tls, tlsCert, tlsKey }: UpOptions) => {
  if (tlsCert && tlsKey) return { kind: 'given' as const, certFile: tlsCert, keyFile: tlsKey }
  if (tlsCert || tlsKey) {
    throw new ExitError(
      EXIT_USAGE,
      say({
        zh: '--tls-cert 与 --tls-key 须同时给出。',
        en: '--tls-cert and --tls-key go together.',
      }),
    )
  }
  return tls ? { kind: 'selfMade' as const } : undefined
}

const greet = (
  { server, address }: Served,
  { port, host }: { port: number; host: string },
): void => {
  print('', `  ${bold('OMServer')}  ${bold(address)}`, '')
  const admin = server.firstAdmin
  if (admin?.password) {
    print(
      say({
        zh: `  首次登录：用户 ${bold(admin.name)}，一次性密码 ${bold(admin.password)}（登录后请修改）`,
        en: `  First sign-in: user ${bold(admin.name)}, one-time password ${bold(admin.password)} (change it then)`,
      }),
    )
  } else if (admin) {
    print(
      say({
        zh: `  首次登录：用户 ${bold(admin.name)}，密码为 OM_ADMIN_PASSWORD 所设`,
        en: `  First sign-in: user ${bold(admin.name)} with the password from OM_ADMIN_PASSWORD`,
      }),
    )
  }
  if (server.fingerprint) {
    print(
      say({ zh: `  证书指纹 ${server.fingerprint}`, en: `  Certificate ${server.fingerprint}` }),
    )
  }
  const hasScreen = Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'])
  if (!hasScreen && (host === '127.0.0.1' || host === 'localhost' || host === '::1')) {
    const user = userInfo().username
    print(
      '',
      say({
        zh: '  这台机器没有屏幕？在您的电脑上打开隧道：',
        en: '  No screen on this machine? From yours, open a tunnel:',
      }),
      `    ssh -L ${port}:127.0.0.1:${port} ${user}@${hostname()}`,
      say({
        zh: '  或让它以 HTTPS 对外监听：',
        en: '  or let it listen beyond this machine, over HTTPS:',
      }),
      `    om up --host 0.0.0.0 --tls`,
    )
  }
  if (admin) {
    print(
      '',
      say({
        zh: '  没有主机可试？加入 3 个机房的 200 台模拟主机：',
        en: '  No hosts to try it on? Add 200 simulated hosts in 3 IDCs:',
      }),
      `    npx om login ${address} --user ${admin.name} && npx om demo`,
      dim(
        say({
          zh: '  （网页的主机页上也有此按钮）',
          en: '  (the Hosts page has a button for it, too)',
        }),
      ),
    )
  }
  print('', dim(say({ zh: '  按 Ctrl-C 停止', en: '  Ctrl-C stops it' })), '')
}
