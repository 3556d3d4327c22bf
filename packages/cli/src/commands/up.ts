// `om up`: starts everything in one process and says how to reach it.

import { existsSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { errorText } from '@omserver/api'
import { Problem } from '@omserver/core'
import { EXIT_SERVER, EXIT_USAGE, ExitError } from '../exit.ts'
import { omCommand, startLine } from '../invoked-as.ts'
import { lang, say } from '../lang.ts'
import { type Served, serveAll } from '../serve.ts'
import { bold, dim, print, warn } from '../terminal.ts'

export interface UpOptions {
  readonly data?: string
  readonly database?: string
  readonly port?: string
  readonly host?: string
  readonly tls?: boolean
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly allowHttp?: boolean
  readonly modules?: string
}

const aboutTheCall = new Set(['TLS_REQUIRED', 'PASSWORD_WEAK', 'DATABASE_URL'])

const packageDir = resolve(import.meta.dirname, '../../..')

export const up = (options: UpOptions): Promise<void> => upWith(options, serveAll)

/** Starts what `serve` makes, says how to reach it, and ends it upon a signal. */
export const upWith = async (
  options: UpOptions,
  serve: (options: Parameters<typeof serveAll>[0]) => Promise<Served>,
): Promise<void> => {
  const env = process.env
  const { host, port } = listeningOf(options, env)
  const dataDir = resolve(folderOf('--data', options.data) ?? (env['OM_DATA'] || 'data'))
  const modules = folderOf('--modules', options.modules) ?? (env['OM_MODULES'] || undefined)
  const modulesDir = resolve(modules ?? join(dataDir, 'modules'))
  const modulesMade = modules !== undefined && !existsSync(modulesDir)
  const webDir = join(packageDir, 'web/dist')
  let served: Served
  try {
    served = await serve({
      dataDir,
      host,
      port,
      tls: tlsOf(options),
      allowHttp: options.allowHttp,
      webDir: existsSync(webDir) ? webDir : undefined,
      modulesDir,
      databaseUrl: databaseOf(options, env),
      adminPassword: env['OM_ADMIN_PASSWORD'] || undefined,
    })
  } catch (error) {
    if (!(error instanceof Problem)) {
      if (serve === serveAll || !(error instanceof Error)) throw error
      throw new ExitError(EXIT_SERVER, error.message)
    }
    // These are about how it was called; the others are about what it found.
    const code = aboutTheCall.has(error.code) ? EXIT_USAGE : EXIT_SERVER
    const about = error.code === 'PASSWORD_WEAK' ? 'OM_ADMIN_PASSWORD: ' : ''
    throw new ExitError(
      code,
      `${about}${errorText(error.code, error.details)[lang]} (${error.code})`,
    )
  }
  const isWhole = serve === serveAll
  for (const line of noticesOf({ env, isWhole, modulesMade: modulesMade ? modulesDir : undefined }))
    warn(line)
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

/** An empty variable of an environment file is an absent one: to Node it would mean every address, and any port. */
export const listeningOf = (
  options: Pick<UpOptions, 'host' | 'port'>,
  env: NodeJS.ProcessEnv,
): { readonly host: string; readonly port: number } => ({
  host: options.host || env['OM_HOST'] || '127.0.0.1',
  port: portOf(options.port ?? (env['OM_PORT'] || undefined)),
})

/** Whoever lists processes reads the words of a command; the environment of a process is its user's alone. */
export const databaseOf = (
  { database }: Pick<UpOptions, 'database'>,
  env: NodeJS.ProcessEnv,
): string | undefined => {
  if (!database) return env['OM_DATABASE_URL'] || undefined
  if (!URL.canParse(database) || new URL(database).password === '') return database
  throw new ExitError(
    EXIT_USAGE,
    say({
      zh: '命令行上的密码会被同机的其他用户看到。请把带密码的数据库地址写入环境变量 OM_DATABASE_URL。',
      en: 'A password among the words of a command can be read by everybody on this machine. Put the address of the database into OM_DATABASE_URL.',
    }),
  )
}

/** A variable that is not set (`--data "$DATA"`) must not mean the present folder. */
const folderOf = (option: string, given: string | undefined): string | undefined => {
  if (given !== '') return given
  throw new ExitError(
    EXIT_USAGE,
    say({ zh: `${option} 需要一个目录，不能为空。`, en: `${option} needs a folder; it is empty.` }),
  )
}

/** What was asked for and is not quite what happens. */
export const noticesOf = (found: {
  readonly env: NodeJS.ProcessEnv
  /** Everything in this process. */
  readonly isWhole: boolean
  /** The folder of modules that was named and did not exist. */
  readonly modulesMade?: string
}): string[] => {
  return [
    ...(found.isWhole && found.env['OM_NATS_URL']
      ? [
          say({
            zh: 'om up 在一个进程里运行全部，不读取 OM_NATS_URL；它用于 om server 和 om controller。',
            en: 'om up runs everything in one process and does not read OM_NATS_URL, which is for om server and om controller.',
          }),
        ]
      : []),
    ...(found.modulesMade === undefined
      ? []
      : [
          say({
            zh: `任务模块目录 ${found.modulesMade} 原先不存在，已新建（空目录）。请确认路径无误。`,
            en: `The folder of task modules ${found.modulesMade} did not exist; it was made, and is empty. Check that this is the one you meant.`,
          }),
        ]),
  ]
}

const portOf = (text: string | undefined): number => {
  if (text === undefined) return 8640
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
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
  { server, address, state }: Served,
  { port, host }: { port: number; host: string },
): void => {
  print('', `  ${bold('OMServer')}  ${bold(address)}`)
  if (host === '0.0.0.0' || host === '::') {
    const there = `${new URL(address).protocol}//${hostname()}:${port}`
    print(say({ zh: `  从其他机器访问：${there}`, en: `  From other machines: ${there}` }))
  }
  print('')
  const admin = server.firstAdmin
  tellFirstAdmin(admin)
  if (state?.kind === 'standsBy') print(standsByText(state.driver))
  if (server.fingerprint) {
    print(
      say({
        zh: `  证书指纹（SHA-256，登录时请核对） ${server.fingerprint}`,
        en: `  Certificate fingerprint (SHA-256, compare it when you sign in) ${server.fingerprint}`,
      }),
    )
  }
  const hasScreen = Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'])
  if (!hasScreen && (host === '127.0.0.1' || host === 'localhost' || host === '::1')) {
    const user = userInfo().username
    print(
      '',
      say({
        zh: '  这台机器没有屏幕？在您的电脑上打开隧道，再用浏览器打开上面的地址：',
        en: '  No screen on this machine? From yours, open a tunnel, then the address above:',
      }),
      `    ssh -L ${port}:127.0.0.1:${port} ${user}@${hostname()}`,
      say({
        zh: '  或这样启动，以 HTTPS 对外监听：',
        en: '  or start it like this, to listen beyond this machine over HTTPS:',
      }),
      `    ${startLine(server.fingerprint ? '--host 0.0.0.0' : '--host 0.0.0.0 --tls')}`,
    )
  }
  if (admin) {
    print(
      '',
      say({
        zh: '  没有主机可试？加入 3 个机房的 200 台模拟主机：',
        en: '  No hosts to try it on? Add 200 simulated hosts in 3 IDCs:',
      }),
      `    ${omCommand} login ${address} --user ${admin.name} && ${omCommand} demo`,
      dim(
        say({
          zh: '  （网页“主机”页上也能加）',
          en: '  (the Hosts page offers it, too)',
        }),
      ),
    )
  }
  print('', dim(say({ zh: '  按 Ctrl-C 停止', en: '  Ctrl-C stops it' })), '')
}

export const tellFirstAdmin = (admin: Served['server']['firstAdmin']): void => {
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
}

export const standsByText = (driver: string | undefined): string =>
  driver === undefined
    ? say({
        zh: '  本服务待命；目前没有服务在主持。',
        en: '  This server stands by; none drives at the moment.',
      })
    : say({
        zh: `  本服务待命，请求转给主持的 ${driver}。`,
        en: `  This server stands by, and hands on to ${driver}, which drives.`,
      })
