// Runs: launch, watch, history. Each page is loaded when it is first opened.

import { lazyRouteComponent } from '@tanstack/react-router'

export { useIdcs } from './idcs.ts'
export { historySearch, launchSearch, runSearch } from './search.ts'

export const runPages = {
  launch: lazyRouteComponent(() => import('./launch-page.tsx'), 'LaunchPage'),
  run: lazyRouteComponent(() => import('./run-page.tsx'), 'RunPage'),
  history: lazyRouteComponent(() => import('./history-page.tsx'), 'HistoryPage'),
} as const
