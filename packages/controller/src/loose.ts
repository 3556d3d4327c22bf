// Looks into objects whose types nobody promised us.

export type Fields = Record<string, unknown>
export type Method = (this: unknown, ...args: unknown[]) => unknown

export const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null
export const isMethod = (value: unknown): value is Method => typeof value === 'function'
