// Every address of the page, and the typed search parameters each keeps its state in.

import { createRootRoute, createRoute, createRouter, redirect } from '@tanstack/react-router'
import { activityPages, activitySearch } from '../activity/index.ts'
import { authPages, loginSearch } from '../auth/index.ts'
import { controllerPages, controllerSearch } from '../controllers/index.ts'
import { credentialPages, credentialSearch } from '../credentials/index.ts'
import { filePages, fileSearch } from '../files/index.ts'
import { hostPages, hostSearch } from '../hosts/index.ts'
import { customSearch, modulePages, moduleSearch } from '../modules/index.ts'
import { projectPages, projectSearch } from '../projects/index.ts'
import { historySearch, launchSearch, runPages, runSearch } from '../runs/index.ts'
import { settingsPages, settingsSearch } from '../settings/index.ts'
import { trustPages, trustSearch } from '../trust/index.ts'
import { userPages, userSearch } from '../users/index.ts'
import { Frame } from './frame.tsx'
import { NotFound, PageBroke } from './trouble.tsx'

const root = createRootRoute({ component: Frame, notFoundComponent: NotFound })
const getParentRoute = () => root

const routes = [
  createRoute({
    getParentRoute,
    path: '/',
    beforeLoad: () => {
      throw redirect({ to: '/hosts', search: {} })
    },
  }),
  createRoute({
    getParentRoute,
    path: '/login',
    validateSearch: loginSearch,
    component: authPages.login,
  }),
  createRoute({
    getParentRoute,
    path: '/hosts',
    validateSearch: hostSearch,
    component: hostPages.list,
  }),
  createRoute({ getParentRoute, path: '/hosts/$hostId', component: hostPages.one }),
  createRoute({
    getParentRoute,
    path: '/modules',
    validateSearch: moduleSearch,
    component: modulePages.list,
  }),
  createRoute({
    getParentRoute,
    path: '/modules/custom',
    validateSearch: customSearch,
    component: modulePages.custom,
  }),
  createRoute({
    getParentRoute,
    path: '/projects',
    validateSearch: projectSearch,
    component: projectPages.list,
  }),
  createRoute({
    getParentRoute,
    path: '/launch',
    validateSearch: launchSearch,
    component: runPages.launch,
  }),
  createRoute({
    getParentRoute,
    path: '/runs',
    validateSearch: historySearch,
    component: runPages.history,
  }),
  createRoute({
    getParentRoute,
    path: '/runs/$id',
    validateSearch: runSearch,
    component: runPages.run,
  }),
  createRoute({
    getParentRoute,
    path: '/files',
    validateSearch: fileSearch,
    component: filePages.list,
  }),
  createRoute({
    getParentRoute,
    path: '/credentials',
    validateSearch: credentialSearch,
    component: credentialPages.list,
  }),
  createRoute({
    getParentRoute,
    path: '/trust',
    validateSearch: trustSearch,
    component: trustPages.trust,
  }),
  createRoute({
    getParentRoute,
    path: '/controllers',
    validateSearch: controllerSearch,
    component: controllerPages.list,
  }),
  createRoute({
    getParentRoute,
    path: '/users',
    validateSearch: userSearch,
    component: userPages.list,
  }),
  createRoute({
    getParentRoute,
    path: '/activity',
    validateSearch: activitySearch,
    component: activityPages.list,
  }),
  createRoute({
    getParentRoute,
    path: '/settings',
    validateSearch: settingsSearch,
    component: settingsPages.settings,
  }),
] as const

export const router = createRouter({
  routeTree: root.addChildren(routes),
  defaultErrorComponent: PageBroke,
  defaultNotFoundComponent: NotFound,
  defaultPreload: 'intent',
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
