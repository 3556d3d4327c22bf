// Parses params, query and body by the schemas of a route; says in both languages what does not fit.

import type { Route } from '@omserver/api'
import { issueText, type Lang, Problem, type Text } from '@omserver/core'
import { z } from 'zod'

export interface RawInput {
  readonly params: unknown
  readonly query: unknown
  readonly body: unknown
}

export interface Issue {
  readonly path: string
  readonly message: Text
}

export const inputProblem = (issues: readonly Issue[]): Problem => {
  const list = (lang: Lang, colon: string, between: string) =>
    issues.map(({ path, message }) => path + colon + message[lang]).join(between)
  return new Problem('INPUT_INVALID', {
    problems: { zh: list('zh', '：', '；'), en: list('en', ': ', '; ') },
    issues: issues.map(({ path, message }) => ({ path, message: { ...message } })),
  })
}

/** Throws Problem('INPUT_INVALID', {problems, issues}) that names every part of the input that does not fit. */
export const parseInput = (route: Route, input: RawInput): RawInput => {
  const parts = { params: route.params, query: route.query, body: route.body }
  const parsed = { params: undefined, query: undefined, body: undefined } as {
    params: unknown
    query: unknown
    body: unknown
  }
  // Before any schema sees it: what parses a tree calls itself, and runs out of stack.
  if (deeperThan(MAX_DEPTH, input.body)) throw inputProblem([{ path: 'body', message: tooDeep }])
  const issues: Issue[] = []
  for (const name of ['params', 'query', 'body'] as const) {
    const schema = parts[name]
    if (schema === undefined) continue
    const value = name === 'body' ? (input.body ?? {}) : input[name]
    const result = schema.safeParse(value)
    if (result.success) parsed[name] = result.data
    else issues.push(...issuesOf(schema, name, value))
  }
  if (issues.length > 0) throw inputProblem(issues)
  return parsed
}

const SHOWN = 20
/** Far deeper than anything a form, a playbook's variables or a person writes. */
const MAX_DEPTH = 100
const tooDeep: Text = {
  zh: `嵌套超过 ${MAX_DEPTH} 层`,
  en: `nested more than ${MAX_DEPTH} levels deep`,
}

const deeperThan = (levels: number, value: unknown): boolean => {
  let level = [value]
  for (let depth = 0; depth <= levels; depth++) {
    level = level.flatMap((one) => (typeof one === 'object' && one ? Object.values(one) : []))
    if (level.length === 0) return false
  }
  return true
}

const zh = z.locales.zhCN().localeError
const en = z.locales.en().localeError

const issuesOf = (schema: z.ZodType, part: string, value: unknown): Issue[] => {
  const english = told(schema.safeParse(value, { error: en }).error?.issues ?? [])
  const chinese = told(schema.safeParse(value, { error: zh }).error?.issues ?? [])
  return english.slice(0, SHOWN).map((issue, n) => ({
    path: [part, ...issue.path.map(String)].join('.'),
    message: issueText(issue) ?? { zh: chinese[n]?.message ?? issue.message, en: issue.message },
  }))
}

type ZodIssue = z.core.$ZodIssue

/** Of a union the form that was meant, with what is wrong in it; else what each form would have taken. */
const told = (issues: readonly ZodIssue[]): ZodIssue[] =>
  issues.flatMap((issue): ZodIssue | ZodIssue[] => {
    if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue
    const forms = issue.errors.map((form) => told(form))
    const meant = forms.filter((form) => form.every((one) => one.path.length > 0))
    const nearest = meant.toSorted((a, b) => a.length - b.length)[0]
    if (nearest) return nearest.map((one) => ({ ...one, path: [...issue.path, ...one.path] }))
    const wanted = new Set(forms.flatMap((form) => form[0]?.message ?? []))
    return { ...issue, message: [...wanted].join(' / ') }
  })
