// Hosts as CSV: one host a line, columns named in Chinese or English by the first line.

import { type HostsDraft, type TextKey, textKeys, type WrittenHost } from './draft.ts'

interface Row {
  readonly line: number
  readonly cells: readonly string[]
}

/** Titles are compared in lower case, without blanks, `_` and `-`. */
const titles: Readonly<Record<TextKey | LabelKey, string>> = {
  name: 'name host hostname 主机名 主机名称 主机 名称',
  address: 'address ip ipaddress innerip privateip hostip 内网ip 内网地址 内网 ip地址 主机ip 地址',
  outerAddress: 'outeraddress outerip publicip 外网ip 外网地址 外网 公网ip 公网地址',
  port: 'port sshport 端口 ssh端口',
  driver: 'driver 执行通道 通道',
  credential: 'credential 凭据 凭证',
  jump: 'jump jumphost bastion 跳板机 堡垒机',
  encoding: 'encoding charset 编码 字符集 字符编码',
  idc: 'idc 机房',
  business: 'business 业务',
  app: 'app application 应用',
  env: 'env environment 环境',
  role: 'role 角色',
}
export const labelKeys = ['idc', 'business', 'app', 'env', 'role'] as const
type LabelKey = (typeof labelKeys)[number]

type Column = { readonly key: TextKey } | { readonly label: string }
/** `unknown`: its title, when it means nothing here. */
type ReadColumn = { readonly column: Column | undefined; readonly unknown?: string } | undefined

const columnsByTitle = new Map<string, Column>(
  Object.entries(titles).flatMap(([key, words]) => {
    const textKey = textKeys.find((one) => one === key)
    return words
      .split(' ')
      .map((word): [string, Column] => [word, textKey ? { key: textKey } : { label: key }])
  }),
)
const knownTitles =
  '主机名 内网IP 外网IP 端口 凭据 执行通道 跳板机 编码 机房 业务 应用 环境 角色 / name address outerAddress port credential driver jump encoding idc business app env role'

const columnOf = (title: string): Column | undefined => {
  const label = /^(?:label|labels|标签)\s*[:：.]\s*(.+)$/i.exec(title)?.[1]
  return label ? { label } : columnsByTitle.get(title.toLowerCase().replace(/[\s_-]/g, ''))
}

export const readCsv = (text: string, draft: HostsDraft): void => {
  const rows = rowsOf(text, draft)
  const header = rows.next()
  if (header.done) return
  const columns = readHeader(header.value, draft)
  if (!columns) return
  for (const row of rows) if (!draft.add(hostOf(row, columns, draft))) return
}

const nameOf = (column: Column): string => ('key' in column ? column.key : `label:${column.label}`)

/** undefined when there is no use in reading on. */
const readHeader = ({ line, cells }: Row, draft: HostsDraft): ReadColumn[] | undefined => {
  const seen = new Set<string>()
  let wrong = false
  // Without an address it is most likely no line of titles, and of its words none is a column.
  const titled = cells.some((cell) => {
    const column = columnOf(cell.trim())
    return column && 'key' in column && column.key === 'address'
  })
  const columns = cells.map((cell, index): ReadColumn => {
    const title = cell.trim()
    if (title === '') return undefined
    const report = (code: string, details: Record<string, string>) => {
      wrong = true
      draft.problem({ line, column: index + 1, code, details })
    }
    const known = columnOf(title)
    const choice = known || !titled ? 'refuse' : draft.unknown(title.slice(0, 80), line)
    const column = known ?? (choice === 'label' ? { label: title } : undefined)
    if (!column && choice === 'refuse')
      report('HOSTS_FILE_COLUMN', { column: title.slice(0, 80), known: knownTitles })
    if (column && seen.has(nameOf(column))) report('HOSTS_FILE_COLUMN_TWICE', { column: title })
    if (column) seen.add(nameOf(column))
    return { column, ...(!known && titled && { unknown: title.slice(0, 80) }) }
  })
  if (seen.has('address')) return columns
  // Nothing but unknown titles: most likely a file without a first line of titles. One problem says it.
  const expected = '主机名,内网IP,端口,机房 | name,address,port,idc'
  if (!wrong || seen.size === 0)
    draft.problem({
      line,
      code: 'HOSTS_FILE_COLUMN_MISSING',
      details: { column: 'address / 内网IP', expected },
    })
  return undefined
}

const hostOf = (row: Row, columns: readonly ReadColumn[], draft: HostsDraft): WrittenHost => {
  const texts: Partial<Record<TextKey, string>> = {}
  const labels = new Map<string, string>()
  const places: Record<string, number> = {}
  for (const [index, read] of columns.entries()) {
    const cell = row.cells[index] ?? ''
    if (read?.unknown !== undefined) draft.unknown(read.unknown, row.line, cell)
    const column = read?.column
    if (!column) continue
    places[nameOf(column)] = index + 1
    if ('key' in column) texts[column.key] = cell
    else labels.set(column.label, cell)
  }
  if (row.cells.slice(columns.length).some((cell) => cell.trim() !== ''))
    draft.problem({
      line: row.line,
      column: columns.length + 1,
      code: 'HOSTS_FILE_CELLS',
      details: { cells: row.cells.length, columns: columns.length },
    })
  return { line: row.line, texts, labels, columns: places }
}

/** Lines that hold anything, comments (`#`) and Excel's `sep=;` left out. */
function* rowsOf(text: string, draft: HostsDraft): Generator<Row> {
  const separated = /^sep=(.)\r?\n/i.exec(text)
  const separator = separated?.[1] ?? separatorOf(text)
  for (const row of cut(text, separator, draft)) {
    if (separated && row.line === 1) continue
    if (row.cells.every((cell) => cell.trim() === '') || row.cells[0]?.startsWith('#')) continue
    yield row
  }
}

/** The sign that stands most often in the first line with text. */
const separatorOf = (text: string): string => {
  const first = /^\s*(?:#[^\n]*\n\s*)*([^\n]*)/.exec(text.slice(0, 65_536))?.[1] ?? ''
  const count = (sign: string) => first.split(sign).length
  return [',', ';', '\t', '，'].reduce((best, sign) => (count(sign) > count(best) ? sign : best))
}

/** RFC 4180, with any separator and any line end. */
function* cut(text: string, separator: string, draft: HostsDraft): Generator<Row> {
  const plain = new RegExp(`[^${separator === '\t' ? '\\t' : separator}\\r\\n]*`, 'y')
  let line = 1
  let start = 1
  let cells: string[] = []
  for (let at = 0; at <= text.length; ) {
    let cell = ''
    if (text[at] === '"') {
      const opened = line
      for (at += 1; ; at += 1) {
        const end = text.indexOf('"', at)
        if (end < 0) {
          draft.problem({
            line: opened,
            column: cells.length + 1,
            code: 'HOSTS_FILE_QUOTE',
            details: {},
          })
          return
        }
        const piece = text.slice(at, end)
        line += piece.split('\n').length - 1
        cell += piece
        at = end + 1
        if (text[at] !== '"') break
        cell += '"'
      }
    }
    plain.lastIndex = at
    const rest = plain.exec(text)?.[0] ?? ''
    at += rest.length
    cells.push(cell + rest)
    if (text[at] === separator) {
      at += 1
      continue
    }
    yield { line: start, cells }
    cells = []
    at += text.startsWith('\r\n', at) ? 2 : 1
    line += 1
    start = line
  }
}
