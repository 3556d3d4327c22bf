// `om runs files`: what a run collected from its hosts.

import { fetchedRoutes } from '@omserver/api'
import { connect } from '../connection.ts'
import { say } from '../lang.ts'
import { saveDownload } from '../save-download.ts'
import { sizeText } from '../size-text.ts'
import { print, printJson, tableLines } from '../terminal.ts'

interface Options {
  readonly output?: string
  readonly json?: boolean
}

export const files = async (id: string, options: Options): Promise<void> => {
  const client = await connect()
  const params = { id }
  if (options.output !== undefined) {
    const response = await client.file(fetchedRoutes.archive, { params })
    const saved = await saveDownload(response, options.output)
    if (saved === undefined) return
    if (options.json) return printJson(saved)
    return print(`${saved.file}  ${sizeText(saved.bytes)}`)
  }
  const answer = await client.call(fetchedRoutes.files, { params })
  if (options.json) return printJson(answer)
  print(
    ...tableLines(
      [
        say({ zh: '主机', en: 'HOST' }),
        say({ zh: '文件', en: 'FILE' }),
        say({ zh: '大小', en: 'SIZE' }),
        'SHA-256',
      ],
      answer.items.map(({ host, path, size, hash }) => [
        host,
        path,
        sizeText(size),
        hash.slice(0, 16),
      ]),
    ),
  )
}
