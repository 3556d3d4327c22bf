// What an import would do, row by row, and what of the file it leaves out.

import type { ImportPreview } from '@omserver/api'
import { say } from './lang.ts'
import { dim, tableLines } from './terminal.ts'

const what = {
  add: { zh: '新增', en: 'add' },
  update: { zh: '更新', en: 'update' },
  same: { zh: '不变', en: 'same' },
} as const

const labelText = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')

/** Hosts that stay as they are are counted, not listed. */
export const importLines = (preview: ImportPreview): string[] => {
  const { add, update, same } = preview
  const rows = preview.rows.filter((row) => row.what !== 'same')
  const left = add + update - rows.length
  return [
    ...(rows.length === 0
      ? []
      : tableLines(
          [
            '',
            say({ zh: '主机', en: 'HOST' }),
            say({ zh: '地址', en: 'ADDRESS' }),
            say({ zh: '标签或变更', en: 'LABELS, OR WHAT CHANGES' }),
          ],
          rows.map((row) => [
            say(what[row.what]),
            row.name,
            row.port === 22 ? row.address : `${row.address}:${row.port}`,
            row.what === 'add'
              ? labelText(row.labels)
              : row.changes
                  .map(({ field, from, to }) => `${field}: ${from || '-'} → ${to || '-'}`)
                  .join(', '),
          ]),
        )),
    ...(left > 0 ? [dim(say({ zh: `另有 ${left} 台`, en: `and ${left} more` }))] : []),
    say({
      zh: `将新增 ${add} 台，更新 ${update} 台，${same} 台不变。`,
      en: `Would add ${add}, update ${update}, leave ${same} as they are.`,
    }),
  ]
}

/** Names only: an inventory's variables may well be passwords. */
export const ignoredLines = (ignored: readonly string[]): string[] => {
  if (ignored.length === 0) return []
  const names = ignored.join(', ')
  const user = ignored.some((name) => /^ansible_(?:ssh_)?user$/.test(name))
  return [
    say({
      zh: `以下内容 OMServer 不使用，已忽略：${names}`,
      en: `These mean nothing to OMServer and are left out: ${names}`,
    }),
    ...(user
      ? [
          say({
            zh: '登录账号由凭据决定，不取自 ansible_user：请为这些主机指定凭据。',
            en: 'The account to log in with is the credential’s, not ansible_user: give these hosts a credential.',
          }),
        ]
      : []),
  ]
}
