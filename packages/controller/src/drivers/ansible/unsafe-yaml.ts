// Writes values as YAML that Ansible takes as they are: no string of them is ever a template.

import type { Json } from '@omserver/core'

/** Text that may be a template: ours, never a user's. */
export class Template {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export type YamlValue =
  | Json
  | Template
  | readonly YamlValue[]
  | { readonly [name: string]: YamlValue }

/** JSON is YAML, but for what no text can hold: half of a pair. */
const quoted = (text: string): string =>
  JSON.stringify(text.toWellFormed()).replace(/[\u007f-\u009f\u2028\u2029\ufeff]/g, escaped)

const escaped = (sign: string): string => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`

export const unsafeYaml = (value: YamlValue): string => {
  if (value instanceof Template) return quoted(value.text)
  if (typeof value === 'string') return `!unsafe ${quoted(value)}`
  if (Array.isArray(value)) return `[${value.map(unsafeYaml).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(
      // The sign in front: without it, YAML takes no key of more than a thousand characters.
      ([name, one]) => `? ${quoted(name)} : ${unsafeYaml(one)}`,
    )
    return `{${entries.join(', ')}}`
  }
  return JSON.stringify(value)
}
