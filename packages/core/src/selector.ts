// Text that picks hosts: its terms, how a person writes them, and the rules of names.

import { isAddress, parseIp } from './ip.ts'

export interface LabelValue {
  readonly text: string
  /** `*` and `?` in it stand for any characters: written without quotes. */
  readonly glob: boolean
}

/**
 * One condition on a label. `notEquals`, `notIn` and `absent` hold for a host without the label too. A bare label has
 * its place: it may turn out to be a host's name.
 */
export type LabelCondition =
  | { readonly op: 'equals'; readonly label: string; readonly value: LabelValue }
  | { readonly op: 'notEquals'; readonly label: string; readonly value: LabelValue }
  | { readonly op: 'in'; readonly label: string; readonly values: readonly LabelValue[] }
  | { readonly op: 'notIn'; readonly label: string; readonly values: readonly LabelValue[] }
  | { readonly op: 'exists'; readonly label: string; readonly at: number }
  | { readonly op: 'absent'; readonly label: string; readonly at: number }

export type TermKind =
  | { readonly kind: 'all' }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'range'; readonly pattern: string; readonly names: readonly string[] }
  | { readonly kind: 'glob'; readonly pattern: string }
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'cidr'; readonly cidr: string }
  | { readonly kind: 'labels'; readonly conditions: readonly LabelCondition[] }
  | { readonly kind: 'group'; readonly group: string }

/** `at` is where it begins in the text, counted from 0. */
export type Term = TermKind & { readonly at: number }

/** The hosts of any of `include` that are of none of `exclude`. Nothing included: no host. */
export interface Selector {
  readonly include: readonly Term[]
  readonly exclude: readonly Term[]
}

const namePattern = /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}._-]*$/u

/**
 * Whether a host may have this name: 1–253 letters of any script, digits, `.`, `-`, `_`, the first a letter,
 * digit or `_`; or an IPv6 address.
 */
export const isHostName = (text: string): boolean =>
  text.length <= 253 && (namePattern.test(text) || (text.includes(':') && isAddress(text)))

/** Whether it uses labels and `*` only, so that nobody can change what it picks by renaming or regrouping. */
export const isLabelSelector = (selector: Selector): boolean =>
  [...selector.include, ...selector.exclude].every(
    ({ kind }) => kind === 'labels' || kind === 'all',
  )

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`

/** Letters, digits and the signs that mean nothing to a selector. */
const plain = /^[\p{L}\p{M}\p{N}._/:+%&;~^$|<>{}#-]+$/u

const wordText = (text: string): string => (plain.test(text) ? text : quoted(text))

const valueText = ({ text, glob }: LabelValue): string => (glob ? text : wordText(text))

/** Without an operator behind it, a label must not look like an address. */
const bareLabel = (label: string): string =>
  /[/:]/.test(label) || parseIp(label) ? quoted(label) : wordText(label)

const conditionText = (condition: LabelCondition): string => {
  const label = wordText(condition.label)
  switch (condition.op) {
    case 'exists':
      return bareLabel(condition.label)
    case 'absent':
      return `!${bareLabel(condition.label)}`
    case 'equals':
      return `${label}=${valueText(condition.value)}`
    case 'notEquals':
      return `${label}!=${valueText(condition.value)}`
    case 'in':
      return `${label} in (${condition.values.map(valueText).join(',')})`
    case 'notIn':
      return `${label} notin (${condition.values.map(valueText).join(',')})`
  }
}

const termText = (term: Term): string => {
  switch (term.kind) {
    case 'all':
      return '*'
    case 'name':
      return isHostName(term.name) && !parseIp(term.name) ? term.name : quoted(term.name)
    case 'range':
    case 'glob':
      return term.pattern
    case 'address':
      return term.address
    case 'cidr':
      return term.cidr
    case 'labels':
      return term.conditions.map(conditionText).join(',')
    case 'group':
      return `@${wordText(term.group)}`
  }
}

/** The selector as text that parses to the same selector; what is subtracted stands last. */
export const formatSelector = (selector: Selector): string =>
  [...selector.include.map(termText), ...selector.exclude.map((term) => `!${termText(term)}`)].join(
    ' ',
  )
