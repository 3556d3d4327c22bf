// Fills in what a copy only names: the file of the library as it is when the run is launched.

import { type CopyAction, Problem } from '@omserver/core'
import type { FileService } from './service.ts'

/** What is filled in is text, and is held in memory for every host. */
const TEMPLATE_BYTES = 1_000_000

/** `resolve` throws Problem FILE_UNKNOWN, FILE_VERSION_UNKNOWN, FILE_NOT_TEXT. */
export const copySource = (files: Pick<FileService, 'find'>) =>
  ({
    kind: 'copy',
    resolve: async (_actor: unknown, leaf: CopyAction): Promise<CopyAction> => {
      const { source } = leaf
      if (!('file' in source)) return leaf
      const { version, hash, size, kind } = await files.find(source.file, source.version)
      if (leaf.template && (kind === 'folder' || size > TEMPLATE_BYTES)) {
        throw new Problem('FILE_NOT_TEXT', { file: source.file, limit: TEMPLATE_BYTES })
      }
      const folder = kind === 'folder' ? ({ folder: true } as const) : {}
      return {
        ...leaf,
        source: { file: source.file, version, content: { version, blob: hash, size, ...folder } },
      }
    },
  }) as const
