// What is being typed, apart from what it sets: the address follows when typing rests, and no key is ever lost.

import { useRouter } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'

const REST_MS = 200

/**
 * `value` is what holds (often a part of the address), `commit` sets it. A change from outside (Back, a button that
 * clears) wins over the draft. Without this an input method that composes Chinese would be interrupted.
 */
export const useDraft = (
  value: string,
  commit: (text: string) => void,
): readonly [string, (text: string) => void] => {
  const [draft, setDraft] = useState(value)
  const committed = useRef(value)
  const latest = useRef(commit)
  latest.current = commit
  const router = useRouter()
  const [page] = useState(() => router.latestLocation.pathname)
  useEffect(() => {
    if (value === committed.current) return
    committed.current = value
    setDraft(value)
  }, [value])
  useEffect(() => {
    if (draft === committed.current) return
    const timer = setTimeout(() => {
      // Someone who has left while the next page loads must not be called back by a word typed before.
      if (router.latestLocation.pathname !== page) return
      committed.current = draft
      latest.current(draft)
    }, REST_MS)
    return () => clearTimeout(timer)
  }, [draft, router, page])
  return [draft, setDraft]
}
