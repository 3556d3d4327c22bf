// Short words about what has just been done, or why it could not be. They go by themselves.

import { CheckCircleFilled, CloseCircleFilled } from '@ant-design/icons'
import { useSyncExternalStore } from 'react'
import style from './toast.module.css'

interface Toast {
  readonly id: number
  readonly kind: 'success' | 'error'
  readonly text: string
}

/** Errors are longer to read, and missing one is worse. */
const SHOWN_MS = { success: 4000, error: 8000 } as const
const MOST = 3

let toasts: readonly Toast[] = []
let lastId = 0
const listeners = new Set<() => void>()
const set = (next: readonly Toast[]) => {
  toasts = next
  for (const tell of listeners) tell()
}
const listen = (tell: () => void) => {
  listeners.add(tell)
  return () => listeners.delete(tell)
}

const say = (kind: Toast['kind'], text: string): void => {
  lastId += 1
  const id = lastId
  set([...toasts, { id, kind, text }].slice(-MOST))
  setTimeout(() => set(toasts.filter((each) => each.id !== id)), SHOWN_MS[kind])
}

export const toast = {
  success: (text: string): void => say('success', text),
  error: (text: string): void => say('error', text),
}

/** Once, in the shell. The region is always there: screen readers only hear what is added to one they know. */
export const Toasts = () => (
  <div className={style.toasts} role="status" aria-live="polite">
    {useSyncExternalStore(listen, () => toasts).map(({ id, kind, text }) => (
      <div key={id} className={`${style.toast} ${style[kind]}`}>
        {kind === 'success' ? <CheckCircleFilled /> : <CloseCircleFilled />}
        <span>{text}</span>
      </div>
    ))}
  </div>
)
