// The parameter "how many lines", the same in every module that shows the end of something.

import { field } from '@omserver/core'
import { z } from 'zod'

export const lineCount = (preset: number) =>
  z
    .number()
    .int()
    .min(1)
    .max(2000)
    .default(preset)
    .meta(field({ title: { zh: '行数', en: 'Lines' } }))
