// Which files of a project are playbooks, by what stands in them; and which of them somebody may have meant.

import type { Text } from '@omserver/core'
import type { TarEntry } from './tar.ts'

/** Below these nobody keeps playbooks that are played by themselves. */
const parts = new Set(['roles', 'tasks', 'handlers', 'vars', 'defaults', 'group_vars', 'host_vars'])
const LOOKED_AT = 256 * 1024

/** A list whose entries have `hosts`, or import another playbook. What is encrypted or made by a template is none. */
const isPlaybook = (text: string): boolean =>
  /^- +(?:hosts|(?:ansible\.builtin\.)?import_playbook) *:/m.test(text) ||
  (/^- /m.test(text) && /^ {1,4}(?:hosts|(?:ansible\.builtin\.)?import_playbook) *:/m.test(text))

export const playbooksIn = (entries: readonly TarEntry[]): readonly string[] =>
  entries.flatMap((entry) => {
    if (entry.kind !== 'file' || !/\.ya?ml$/.test(entry.path)) return []
    if (entry.path.split('/').some((part) => parts.has(part))) return []
    const text = Buffer.from(entry.bytes.subarray(0, LOOKED_AT)).toString('utf8')
    return isPlaybook(text) ? [entry.path] : []
  })

const requirementFiles = new Set([
  'requirements.yml',
  'requirements.yaml',
  'roles/requirements.yml',
  'collections/requirements.yml',
])
export const hasRequirements = (entries: readonly TarEntry[]): boolean =>
  entries.some(({ path }) => requirementFiles.has(path))

const SHOWN = 5

/** Letters that must be put in, left out or exchanged to make one of the other. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (const [index, letter] of [...a].entries()) {
    const next = [index + 1]
    for (let column = 1; column <= b.length; column++) {
      const same = letter === b[column - 1] ? 0 : 1
      next[column] = Math.min(
        (row[column] ?? 0) + 1,
        (next[column - 1] ?? 0) + 1,
        (row[column - 1] ?? 0) + same,
      )
    }
    row = next
  }
  return row[b.length] ?? 0
}

const stem = (path: string): string => path.replace(/^.*\//, '').replace(/\.ya?ml$/, '')

/** The playbooks that are called most like it. */
export const similarTo = (wanted: string, playbooks: readonly string[]): Text => {
  if (playbooks.length === 0) {
    return { zh: '这个项目里没有找到 playbook。', en: 'No playbook was found in it.' }
  }
  const names = [...playbooks]
    .map((path) => ({ path, far: distance(stem(wanted).slice(0, 100), stem(path).slice(0, 100)) }))
    .sort((a, b) => a.far - b.far)
    .slice(0, SHOWN)
    .map(({ path }) => path)
  const more = playbooks.length > SHOWN ? ' …' : ''
  return {
    zh: `相近的有：${names.join('、')}${more}`,
    en: `Similar: ${names.join(', ')}${more || '.'}`,
  }
}
