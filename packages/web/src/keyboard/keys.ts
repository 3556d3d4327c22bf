// Keys of the whole page: single ones and two in a row (`g r`). They rest while someone types.

import { useEffect, useRef } from 'react'

/** What a key sequence does, by its name: `/`, `?`, `j`, `g r`. */
export type KeyMap = Readonly<Record<string, (event: KeyboardEvent) => void>>

const PAUSE_MS = 900

/** Whether keys belong to what has the focus: a field, an editor, an open dialog or menu. */
const isTaken = (event: KeyboardEvent, inDialog: boolean): boolean => {
  const target = event.target
  if (!(target instanceof HTMLElement)) return false
  return (
    target.isContentEditable ||
    target.matches('input:not([type=checkbox]):not([type=radio]), textarea, select') ||
    target.closest('[role=menu], [role=listbox]') !== null ||
    (!inDialog && target.closest('[role=dialog]') !== null)
  )
}

/** Feeds keys into sequences. Pure apart from its memory of the first key; `at` is monotonic ms. */
export const sequenceReader = () => {
  let first = ''
  let firstAt = Number.NEGATIVE_INFINITY
  return (key: string, at: number, known: KeyMap): string | undefined => {
    const pair = at - firstAt <= PAUSE_MS ? `${first} ${key}` : ''
    const hit = pair !== '' && pair in known ? pair : key in known ? key : undefined
    first = hit === undefined ? key : ''
    firstAt = at
    return hit
  }
}

interface KeyOptions {
  readonly active?: boolean
  /** Also while the focus is in a dialog: for keys that are about the dialog itself. */
  readonly inDialog?: boolean
  /** Of the frame around the pages: a page that has the same key comes first, whoever was there earlier. */
  readonly last?: boolean
}

export const useKeys = (
  keys: KeyMap,
  { active = true, inDialog = false, last = false }: KeyOptions = {},
): void => {
  const latest = useRef(keys)
  latest.current = keys
  useEffect(() => {
    if (!active) return
    const read = sequenceReader()
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTaken(event, inDialog)) return
      if (event.defaultPrevented || event.isComposing) return
      const hit = read(event.key, event.timeStamp, latest.current)
      if (hit === undefined) return
      event.preventDefault()
      latest.current[hit]?.(event)
    }
    // An event reaches the document before the window.
    const place: EventTarget = last ? window : document
    const listener = (event: Event) => event instanceof KeyboardEvent && onKey(event)
    place.addEventListener('keydown', listener)
    return () => place.removeEventListener('keydown', listener)
  }, [active, inDialog, last])
}
