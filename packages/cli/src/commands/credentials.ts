// `om credentials …`. Secrets come from a file or standard input, never from the command line.

import { readFile } from 'node:fs/promises'
import { credentialRoutes, credentialTypes } from '@omserver/api'
import { connect } from '../connection.ts'
import { EXIT_USAGE, ExitError } from '../exit.ts'
import { say } from '../lang.ts'
import { askSecret } from '../prompt.ts'
import { print, printJson, readStdin, tableLines } from '../terminal.ts'

interface Json {
  readonly json?: boolean
}

export const list = async (options: Json): Promise<void> => {
  const answer = await (await connect()).call(credentialRoutes.list, {})
  if (options.json) return printJson(answer)
  print(
    ...tableLines(
      [
        say({ zh: '凭据', en: 'CREDENTIAL' }),
        say({ zh: '类型', en: 'TYPE' }),
        say({ zh: '账号', en: 'USER' }),
        say({ zh: '主机', en: 'HOSTS' }),
        say({ zh: '指纹', en: 'FINGERPRINT' }),
      ],
      answer.items.map((item) => [
        item.name,
        item.type,
        item.user,
        String(item.hosts),
        item.fingerprint ?? '-',
      ]),
    ),
  )
}

interface AddOptions extends Json {
  readonly type: string
  readonly user: string
  readonly file?: string
  readonly generate?: boolean
  readonly passwordStdin?: boolean
}

const usage = (zh: string, en: string) => new ExitError(EXIT_USAGE, say({ zh, en }))

export const add = async (name: string, options: AddOptions): Promise<void> => {
  const type = credentialTypes.find((known) => known === options.type)
  if (!type) {
    throw usage(
      `类型应为 ${credentialTypes.join('、')}：${options.type}`,
      `The type is one of ${credentialTypes.join(', ')}, not ${options.type}`,
    )
  }
  if (type === 'ssh-key' && !options.file && !options.generate) {
    throw usage(
      '请用 --file 给出私钥，或用 --generate 生成。',
      'Give the key with --file, or make one with --generate.',
    )
  }
  if (options.file === '-' && options.passwordStdin) {
    throw usage('标准输入只能用于一项。', 'Standard input can carry only one of the two.')
  }
  const secret = options.passwordStdin
    ? await readStdin()
    : type === 'password'
      ? await askSecret(
          say({ zh: `${options.user} 的密码：`, en: `Password of ${options.user}: ` }),
        )
      : undefined
  const key =
    options.file === undefined
      ? undefined
      : options.file === '-'
        ? `${await readStdin()}\n`
        : await readKey(options.file)
  const credential = await (await connect()).call(credentialRoutes.add, {
    body: {
      name,
      type,
      user: options.user,
      key,
      generate: options.generate,
      ...(type === 'password' ? { password: secret } : { passphrase: secret }),
    },
  })
  if (options.json) return printJson(credential)
  print(say({ zh: `已新增凭据 ${name}。`, en: `Added credential ${name}.` }))
  if (options.generate && credential.publicKey) print(credential.publicKey)
}

const readKey = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw usage(`读不了私钥 ${file}：${error.code}`, `Cannot read the key ${file}: ${error.code}`)
  })

export const remove = async (name: string, options: Json): Promise<void> => {
  const client = await connect()
  const { items } = await client.call(credentialRoutes.list, {})
  const id = items.find((item) => item.name === name || item.id === name)?.id ?? name
  const answer = await client.call(credentialRoutes.remove, { params: { id } })
  if (options.json) return printJson(answer)
  print(say({ zh: `已删除凭据 ${name}。`, en: `Deleted credential ${name}.` }))
}
