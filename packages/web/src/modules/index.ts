// Task modules: the catalogue, forms made from fields, modules made here.

import { lazyRouteComponent } from '@tanstack/react-router'

export { type FormValues, ModuleForm } from './module-form.tsx'
export { customSearch, moduleSearch } from './search.ts'
export { visibleValues } from './visible-fields.ts'

export const modulePages = {
  list: lazyRouteComponent(() => import('./catalogue-page.tsx'), 'CataloguePage'),
  custom: lazyRouteComponent(() => import('./custom-modules-page.tsx'), 'CustomModulesPage'),
} as const
