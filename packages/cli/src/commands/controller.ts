// `om controller`: carries the runs of one IDC out.

import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { EXIT_SERVER, EXIT_USAGE, ExitError } from '../exit.ts'
import { omCommand } from '../invoked-as.ts'
import { say } from '../lang.ts'
import { identityOf, type NatsChoice, natsOf } from '../nats-choice.ts'
import { ownSealKey } from '../own-seal-key.ts'
import { bundleFiles, readIdentity } from '../pki/bundle.ts'
import { certifiedSealKey } from '../pki/engine-access.ts'
import { introductionOf, type ServedController, serveController } from '../serve.ts'
import { bold, print, warn } from '../terminal.ts'
import { wholeNumber } from '../whole-number.ts'

/** Files that a process has open, at most; two for a host, in the worst case. */
const MOST_SLOTS = 20_000

interface ControllerOptions extends NatsChoice {
  readonly idc?: string
  readonly name?: string
  readonly data?: string
  readonly slots?: string
}

export const controller = async (options: ControllerOptions): Promise<void> => {
  const identity = identityOf(options, {
    kind: 'controller',
    name: options.name,
    idc: options.idc,
  })
  const known = identity === undefined ? undefined : readIdentity(identity)
  const slots = wholeNumber('--slots', options.slots, 1, MOST_SLOTS)
  const name = options.name ?? known?.name ?? hostname()
  const idc = options.idc ?? known?.idc
  if (!idc) {
    throw new ExitError(
      EXIT_USAGE,
      say({ zh: '请用 --idc 指定机房。', en: 'Name the IDC with --idc.' }),
    )
  }
  if (known && (known.kind !== 'controller' || known.name !== name || known.idc !== idc)) {
    throw new ExitError(
      EXIT_USAGE,
      say({
        zh: `${identity} 是 ${known.kind} ${known.name}${known.idc ? `（机房 ${known.idc}）` : ''} 的身份，与所给的名称或机房不符。`,
        en: `${identity} is the identity of ${known.kind} ${known.name}${known.idc ? ` in IDC ${known.idc}` : ''}, and not of the name or IDC that was given.`,
      }),
    )
  }
  const folder = identity ?? options.data ?? process.env['OM_DATA'] ?? 'controller'
  const nats = { ...natsOf(options, identity, process.env), identity: name }
  const key = ownSealKey(resolve(folder))
  const { sealKey, fingerprint } = await introductionOf(key)
  print(
    say({
      zh: `主控端 ${bold(name)}，机房 ${bold(idc)}，指纹 ${bold(fingerprint)}`,
      en: `Controller ${bold(name)}, IDC ${bold(idc)}, fingerprint ${bold(fingerprint)}`,
    }),
    ...(identity !== undefined && (await certifies(identity, sealKey))
      ? [say({ zh: '服务端凭它的证书登记它。', en: 'The server enrols it by its certificate.' })]
      : [
          say({
            zh: '尚未登记时，由管理员在能登录服务端的机器上执行，并核对指纹：',
            en: 'Unless it is enrolled: an administrator does this where `om` is signed in, and compares the fingerprint:',
          }),
          `  ${omCommand} controllers enroll ${name} --idc ${idc} --key ${sealKey}`,
        ]),
    say({
      zh: `正在连接 ${[nats.servers].flat().join(', ')} …`,
      en: `Connecting to ${[nats.servers].flat().join(', ')} …`,
    }),
  )
  let served: ServedController
  try {
    served = await serveController({ name, idc, nats, sealKey: key, slots })
  } catch (error) {
    throw new ExitError(EXIT_SERVER, error instanceof Error ? error.message : String(error))
  }
  print(say({ zh: '已连接，等待执行。', en: 'Connected, and waiting for work.' }))
  let stopping = false
  const stop = async (): Promise<void> => {
    if (stopping) process.exit(130)
    stopping = true
    warn(
      say({
        zh: '正在停止：执行中的主机会做完；再按一次立即结束。',
        en: 'Stopping: hosts in flight go on to their ends; once more ends them now.',
      }),
    )
    await served.drain()
    await served.close()
    process.exit(0)
  }
  process.on('SIGINT', () => void stop())
  process.on('SIGTERM', () => void stop())
}

/** Certificates of before had no key in them; and a key that was made anew is not the one that was certified. */
const certifies = async (identity: string, sealKey: string): Promise<boolean> => {
  const certificate = await readFile(join(identity, bundleFiles.certificate), 'utf8').catch(
    () => '',
  )
  return certificate !== '' && (await certifiedSealKey(certificate)) === sealKey
}
