// Hosts: the fleet, its labels, groups and keys. Pages are loaded when they are opened.

import { lazyRouteComponent } from '@tanstack/react-router'

export { fieldName } from './field-name.ts'
export { hostSearch } from './host-search.ts'

export const hostPages = {
  list: lazyRouteComponent(() => import('./host-list-page.tsx'), 'HostListPage'),
  one: lazyRouteComponent(() => import('./host-page.tsx'), 'HostPage'),
}
