// The few commands a simulated host really carries out: echo, sleep, exit, and output of a given shape.

import type { OutputStream } from '@omserver/core'

export type SimLine =
  | { readonly kind: 'echo'; readonly stream: OutputStream; readonly text: string }
  | { readonly kind: 'sleep'; readonly ms: number }
  | { readonly kind: 'exit'; readonly code: number }
  | {
      readonly kind: 'chunks'
      readonly count: number
      readonly bytes: number
      readonly delayMs: number
    }

const numbersOf = (text: string): ReadonlyMap<string, number> =>
  new Map(
    text.split(',').flatMap((pair) => {
      const [name, value] = pair.split('=')
      return name !== undefined && /^\d+$/.test(value ?? '') ? [[name.trim(), Number(value)]] : []
    }),
  )

const unquote = (text: string): string =>
  text.replace(
    /'([^']*)'|"([^"]*)"/g,
    (_, single?: string, double?: string) => single ?? double ?? '',
  )

const lineOf = (text: string): SimLine | undefined => {
  const [, word = '', rest = ''] = text.match(/^(\S+)\s*(.*)$/s) ?? []
  if (word.startsWith('sim:')) {
    const numbers = numbersOf(text.slice('sim:'.length))
    const count = numbers.get('chunks') ?? 1
    return {
      kind: 'chunks',
      count,
      bytes: numbers.get('bytes') ?? 200,
      delayMs: numbers.get('delay') ?? 0,
    }
  }
  switch (word) {
    case 'echo': {
      const stream = />&\s*2/.test(rest) ? 'stderr' : 'stdout'
      return { kind: 'echo', stream, text: unquote(rest.replace(/\d?>&\s*2/, '').trim()) }
    }
    case 'sleep':
      return /^\d+(\.\d+)?$/.test(rest) ? { kind: 'sleep', ms: Number(rest) * 1000 } : undefined
    case 'exit':
      return /^\d*$/.test(rest) ? { kind: 'exit', code: Number(rest) & 255 } : undefined
    case 'true':
    case ':':
      return { kind: 'sleep', ms: 0 }
    case 'false':
      return { kind: 'exit', code: 1 }
    default:
      return undefined
  }
}

/** undefined: there is a line in it that is none of these. Separators are `;`, `&&` and line breaks. */
export const simScript = (command: string): readonly SimLine[] | undefined => {
  const lines: SimLine[] = []
  for (const text of command.split(/;|&&|\n/)) {
    const trimmed = text.trim()
    if (trimmed === '' || trimmed.startsWith('#')) continue
    const line = lineOf(trimmed)
    if (!line) return undefined
    lines.push(line)
  }
  return lines
}
