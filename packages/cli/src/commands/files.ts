// `om files …`. Content goes both ways as a stream; a folder travels as a tar archive.

import { spawn } from 'node:child_process'
import { openAsBlob } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { type FileVersionView, fileRoutes, type Upload } from '@omserver/api'
import { connect } from '../connection.ts'
import { EXIT_USAGE, ExitError } from '../exit.ts'
import { say } from '../lang.ts'
import { saveDownload } from '../save-download.ts'
import { sizeText } from '../size-text.ts'
import { print, printJson, tableLines } from '../terminal.ts'
import { wholeNumber } from '../whole-number.ts'

interface Json {
  readonly json?: boolean
}

const usage = (zh: string, en: string) => new ExitError(EXIT_USAGE, say({ zh, en }))

export const put = async (
  path: string,
  options: Json & { readonly name?: string },
): Promise<void> => {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw usage(`读不了 ${path}：${error.code}`, `Cannot read ${path}: ${error.code}`)
  })
  const isFolder = found.isDirectory()
  if (!isFolder && !found.isFile()) {
    throw usage(`${path} 既不是文件也不是文件夹`, `${path} is neither a file nor a folder`)
  }
  const name = options.name ?? basename(resolve(path))
  const client = await connect()
  // A file that changes while it is read fails the upload: see openAsBlob.
  const upload: Upload = isFolder ? archiveOf(path) : await openAsBlob(path)
  const answer = await client
    .upload(
      fileRoutes.put,
      { params: { name }, query: { kind: isFolder ? 'folder' : 'file' } },
      upload,
    )
    .catch((error: unknown) => {
      throw isUnreadable(error) ? changed(path) : error
    })
  if (options.json) return printJson(answer)
  const { version, size } = answer
  print(
    say({
      zh: `${name} 版本 ${version}，${sizeText(size)}`,
      en: `${name} version ${version}, ${sizeText(size)}`,
    }),
  )
}

const changed = (path: string) =>
  usage(
    `${path} 在上传期间发生了变化，未保存。请重新上传。`,
    `${path} changed while it was uploaded; nothing was kept. Upload it again.`,
  )

const isUnreadable = (error: unknown): boolean => {
  const cause = error instanceof Error ? error.cause : undefined
  return [error, cause].some((one) => one instanceof Error && one.name === 'NotReadableError')
}

/** The same folder gives the same bytes. */
const archiveOf = (folder: string): ReadableStream<Uint8Array> => {
  const plain = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner']
  const tar = spawn('tar', [...plain, '-cf', '-', '-C', folder, '.'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((done, fail) => {
    tar.once('error', (error) => fail(new ExitError(EXIT_USAGE, `tar: ${error.message}`)))
    tar.once('close', (code) =>
      code === 0 ? done() : fail(new ExitError(EXIT_USAGE, `tar: exit ${code}`)),
    )
  })
  ended.catch(() => undefined)
  const bytes = async function* (): AsyncGenerator<Uint8Array> {
    yield* tar.stdout
    // What tar could not read whole is not to be taken for the folder.
    await ended
  }
  return Readable.toWeb(Readable.from(bytes(), { objectMode: false }))
}

export const list = async (name: string | undefined, options: Json): Promise<void> => {
  const client = await connect()
  const answer =
    name === undefined
      ? await client.call(fileRoutes.list, {})
      : await client.call(fileRoutes.versions, { params: { name } })
  if (options.json) return printJson(answer)
  print(
    ...tableLines(
      [
        say({ zh: '文件', en: 'FILE' }),
        say({ zh: '版本', en: 'VERSION' }),
        say({ zh: '大小', en: 'SIZE' }),
        say({ zh: '上传者', en: 'BY' }),
        say({ zh: '上传时间', en: 'ADDED' }),
        'SHA-256',
      ],
      answer.items.map(rowOf),
    ),
  )
}

const rowOf = (file: FileVersionView): string[] => [
  file.kind === 'folder' ? `${file.name}/` : file.name,
  String(file.version),
  sizeText(file.size),
  file.addedBy,
  new Date(file.addedAt).toISOString().slice(0, 16).replace('T', ' '),
  file.hash.slice(0, 16),
]

interface VersionOption extends Json {
  readonly version?: string
}

export const get = async (
  name: string,
  file: string | undefined,
  options: VersionOption,
): Promise<void> => {
  const response = await (await connect()).file(fileRoutes.content, {
    params: { name },
    query: { version: versionOf(options) },
  })
  const saved = await saveDownload(response, file ?? name)
  if (saved === undefined) return
  if (options.json) return printJson(saved)
  print(`${saved.file}  ${sizeText(saved.bytes)}`)
}

export const remove = async (name: string, options: VersionOption): Promise<void> => {
  const version = versionOf(options)
  const answer = await (await connect()).call(fileRoutes.remove, {
    params: { name },
    query: { version },
  })
  if (options.json) return printJson(answer)
  print(
    version === undefined
      ? say({ zh: `已删除 ${name}。`, en: `Deleted ${name}.` })
      : say({ zh: `已删除 ${name} 版本 ${version}。`, en: `Deleted ${name} version ${version}.` }),
  )
}

const versionOf = ({ version }: VersionOption): number | undefined =>
  version === undefined ? undefined : wholeNumber('--version', version)
