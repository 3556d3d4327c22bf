// An Ansible inventory in INI: `[group]`, `[group:children]`, `[group:vars]`, one host or range a line.

import type { HostsDraft } from './draft.ts'
import { inventory, type Vars } from './inventory.ts'

const section = /^\[([^\]:]+)(?::(\w+))?\]\s*(?:[#;].*)?$/
const assignment = /(?<!\S)([^\s=]+)=("(?:[^"\\]|\\.)*"|'[^']*'|\S*)/g

const bare = (value: string): string => value.replace(/^(["'])(.*)\1$/s, '$2')

export const readAnsibleIni = (text: string, draft: HostsDraft): void => {
  const found = inventory(draft)
  let group = 'ungrouped'
  let part = 'hosts'
  for (const [index, whole] of text.split(/\r?\n/).entries()) {
    const line = index + 1
    const content = whole.trim()
    if (content === '' || content.startsWith('#') || content.startsWith(';')) continue
    const header = section.exec(content)
    if (header) {
      group = header[1]?.trim() ?? ''
      part = header[2] ?? 'hosts'
      found.group(group, line)
      if (!['hosts', 'children', 'vars'].includes(part)) {
        const details = { expected: `[${group}] [${group}:children] [${group}:vars]` }
        if (!draft.problem({ line, code: 'HOSTS_FILE_SHAPE', details })) return
      }
    } else if (part === 'children') {
      found.child(group, content.split(/\s/)[0] ?? '', line)
    } else if (part === 'vars') {
      const [key = '', ...value] = content.split('=')
      if (value.length > 0) found.group(group, line, { [key.trim()]: bare(value.join('=').trim()) })
      else if (
        !draft.problem({ line, code: 'HOSTS_FILE_SHAPE', details: { expected: 'key=value' } })
      )
        return
    } else if (part === 'hosts' && !readHost(content, line, group, found.host, draft)) return
  }
  found.finish()
}

const readHost = (
  content: string,
  line: number,
  group: string,
  add: (group: string, pattern: string, line: number, vars: Vars) => boolean,
  draft: HostsDraft,
): boolean => {
  const written = content.replace(/\s[#;].*$/, '')
  const [first = ''] = written.split(/\s/)
  const rest = written.slice(first.length)
  const vars = Object.fromEntries(
    [...rest.matchAll(assignment)].map(([, key = '', value = '']) => [key, bare(value)]),
  )
  const left = rest.replace(assignment, '').trim()
  if (left !== '' || first.includes('=')) {
    const expected = 'web-1 ansible_host=10.0.0.1 ansible_port=22'
    return draft.problem({ line, code: 'HOSTS_FILE_SHAPE', details: { expected } })
  }
  const port = /^([^:[\]]+(?:\[[^\]]*\][^:[\]]*)*):(\d+)$/.exec(first)
  return port?.[1] && port[2]
    ? add(group, port[1], line, { ansible_port: port[2], ...vars })
    : add(group, first, line, vars)
}
