// Parameters that are JSON, typed as text: lists of arguments, and values by name.

import { type FieldMeta, field, type Json } from '@omserver/core'
import { z } from 'zod'

type JsonObject = Readonly<Record<string, Json>>

const parsed = (text: string): Json | undefined => {
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const text = () => z.string().max(200_000)

export const jsonList = (meta: FieldMeta) =>
  text()
    .refine((typed) => typed.trim() === '' || Array.isArray(parsed(typed)), {
      params: {
        zh: '应为 JSON 数组，例如 ["nginx", 3]',
        en: 'must be a JSON array, such as ["nginx", 3]',
      },
    })
    .optional()
    .meta(field({ kind: 'textarea', ...meta }))

export const jsonObject = (meta: FieldMeta) =>
  text()
    .refine((typed) => typed.trim() === '' || isObject(parsed(typed)), {
      params: {
        zh: '应为 JSON 对象，例如 {"name": "nginx"}',
        en: 'must be a JSON object, such as {"name": "nginx"}',
      },
    })
    .optional()
    .meta(field({ kind: 'textarea', ...meta }))

export const listOf = (typed: string | undefined): readonly Json[] => {
  const value = parsed(typed ?? '')
  return Array.isArray(value) ? value : []
}

/** undefined: nothing was typed, or nothing is in it. */
export const objectOf = (typed: string | undefined): JsonObject | undefined => {
  const value = parsed(typed ?? '')
  return isObject(value) && Object.keys(value).length > 0 ? value : undefined
}
