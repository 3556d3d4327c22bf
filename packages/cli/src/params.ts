// `-p key=value`: text where the module's schema says text, JSON elsewhere.

import type { LaunchInput } from '@omserver/api'
import type { FieldKind } from '@omserver/core'
import { EXIT_USAGE, ExitError } from './exit.ts'
import { say } from './lang.ts'

type Params = NonNullable<LaunchInput['params']>

const textKinds: ReadonlySet<FieldKind> = new Set([
  'text',
  'textarea',
  'select',
  'radio',
  'secret',
  'date',
])

const usage = (zh: string, en: string) => new ExitError(EXIT_USAGE, say({ zh, en }))

/** `@file` and `-` are read by `readText`, so that scripts and secrets need not stand on the command line. */
export const parseParams = async (
  pairs: readonly string[],
  fields: readonly { readonly name: string; readonly kind: FieldKind }[],
  readText: (from: string) => Promise<string>,
): Promise<Params> => {
  const params: Params = {}
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    if (at < 1) {
      throw usage(`参数写法应为 key=value：${pair}`, `A parameter is written key=value: ${pair}`)
    }
    const name = pair.slice(0, at)
    const given = pair.slice(at + 1)
    const field = fields.find((candidate) => candidate.name === name)
    if (!field) {
      const known = fields.map((candidate) => candidate.name).join(', ') || '—'
      throw usage(
        `该任务模块没有参数 ${name}。可用参数：${known}`,
        `This module has no parameter ${name}. It has: ${known}`,
      )
    }
    const read = await textGiven(given, readText)
    const text = field.kind === 'secret' ? withoutLineEnd(read) : read
    params[name] = textKinds.has(field.kind) ? text : parseValue(name, field.kind, text)
  }
  return params
}

/** `@@` stands for a text that begins with an @ itself. */
const textGiven = (
  given: string,
  readText: (from: string) => Promise<string>,
): Promise<string> | string => {
  if (given.startsWith('@@')) return given.slice(1)
  return given.startsWith('@') ? readText(given.slice(1)) : given
}

/** Editors and `echo` end a password with a line end that is not part of it; a key of several lines keeps its own. */
const withoutLineEnd = (text: string): string => text.replace(/^([^\r\n]*)\r?\n$/, '$1')

const parseValue = (name: string, kind: FieldKind, text: string): Params[string] => {
  try {
    return JSON.parse(text) as Params[string]
  } catch {
    // `-p units=nginx,redis` is what people type for a list.
    if (kind === 'multiSelect' || kind === 'list' || kind === 'hosts') {
      return text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '')
    }
    throw usage(
      `参数 ${name} 的值应为 JSON（${kind}）：${text}`,
      `The value of ${name} must be JSON (${kind}): ${text}`,
    )
  }
}
