// Whether the screen is as narrow as a phone's. For structure only; looks belong into style sheets.

import { useSyncExternalStore } from 'react'
import { measures } from '../tokens.ts'

const narrow = window.matchMedia(`(max-width: ${measures.phone}px)`)
const listen = (tell: () => void) => {
  narrow.addEventListener('change', tell)
  return () => narrow.removeEventListener('change', tell)
}

export const usePhone = (): boolean => useSyncExternalStore(listen, () => narrow.matches)
