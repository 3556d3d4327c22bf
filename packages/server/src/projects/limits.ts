// How large a project may be, and the words for one that is larger.

import { Problem } from '@omserver/core'

export interface ProjectLimits {
  readonly files: number
  /** Bytes of all files together. */
  readonly content: number
  /** Bytes of the archive, which every controller fetches and the engine holds. */
  readonly packed: number
}

const MIB = 1024 * 1024

export const projectLimits: ProjectLimits = {
  files: 20_000,
  content: 128 * MIB,
  packed: 32 * MIB,
}

const words = {
  files: { zh: '文件数', en: 'the number of files is' },
  content: { zh: '文件总大小', en: 'its files together are' },
  packed: { zh: '打包后的大小', en: 'its archive is' },
} as const

const shown = (what: keyof ProjectLimits, limit: number): string => {
  if (what === 'files') return String(limit)
  return limit >= MIB ? `${Math.round(limit / MIB)} MiB` : `${limit} B`
}

export const tooLarge = (what: keyof ProjectLimits, limit: number): Problem =>
  new Problem('PROJECT_TOO_LARGE', { what: words[what], limit: shown(what, limit) })
