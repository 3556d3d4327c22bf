// Task modules: the catalogue, forms made from fields, modules made here.

import { lazyRouteComponent } from '@tanstack/react-router'

import { withTexts } from '../i18n/index.ts'

export { type FormValues, ModuleForm } from './module-form.tsx'
export { customSearch, moduleSearch } from './search.ts'
export { visibleValues } from './visible-fields.ts'

export const modulePages = {
  list: lazyRouteComponent(() => import('./catalogue-page.tsx'), 'CataloguePage'),
  custom: lazyRouteComponent(
    () => withTexts('maker', import('./custom-modules-page.tsx')),
    'CustomModulesPage',
  ),
} as const
