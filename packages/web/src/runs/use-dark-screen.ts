// Whether the page is dark now. A canvas cannot read style sheets, so it must be told.

import { useSyncExternalStore } from 'react'

const isDark = (): boolean => document.documentElement.dataset['theme'] === 'dark'

const listen = (tell: () => void) => {
  const observer = new MutationObserver(tell)
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] })
  return () => observer.disconnect()
}

export const useDarkScreen = (): boolean => useSyncExternalStore(listen, isDark)
