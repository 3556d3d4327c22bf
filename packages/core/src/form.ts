// The form of a module, as data: derived from its Zod schema, or made in the form builder of the web page.

import type { Json } from './json.ts'
import type { Text } from './text.ts'

export const fieldKinds = [
  'text',
  'textarea',
  'number',
  'select',
  'multiSelect',
  'radio',
  'checkbox',
  'switch',
  'secret',
  'date',
  'hosts',
  'list',
] as const
export type FieldKind = (typeof fieldKinds)[number]

export interface Choice {
  readonly value: string
  readonly title: Text
}

/**
 * Where choices come from when they are not fixed. `command` runs read-only on one host of the selection; projects and
 * their playbooks are the server's own, `project` names the field that says of which.
 */
export type ChoicesFrom =
  | { readonly from: 'label'; readonly label: string }
  | { readonly from: 'projects' }
  | { readonly from: 'playbooks'; readonly project: string }
  | { readonly from: 'fact'; readonly fact: string }
  | { readonly from: 'command'; readonly command: string }

/** Shown (and required) only while another field has one of these values. */
export interface FieldCondition {
  readonly field: string
  readonly in: readonly (string | number | boolean)[]
}

export interface FormField {
  readonly name: string
  readonly kind: FieldKind
  readonly title: Text
  readonly help?: Text
  readonly placeholder?: string
  readonly required: boolean
  readonly default?: Json
  readonly choices?: readonly Choice[]
  readonly choicesFrom?: ChoicesFrom
  readonly when?: FieldCondition
  /** A regular expression (JavaScript, no flags) the whole text must match. */
  readonly pattern?: string
  /** What the pattern asks for, in words. */
  readonly format?: Text
  readonly minLength?: number
  readonly maxLength?: number
  readonly min?: number
  readonly max?: number
  readonly integer?: boolean
}
