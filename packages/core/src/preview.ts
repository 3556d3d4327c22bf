// stub
import type { Action } from './action.ts'
export const previewAction = (action: Action): string => { throw new Error('not written yet') }
