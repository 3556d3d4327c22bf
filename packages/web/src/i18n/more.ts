// Texts that come with the page they are for: whoever signs in to look at hosts need not fetch them.

import type { Lang } from '@omserver/core'
import type activity from './en/activity.json'
import type controllers from './en/controllers.json'
import type files from './en/files.json'
import type maker from './en/maker.json'
import type projects from './en/projects.json'
import type trust from './en/trust.json'
import type users from './en/users.json'

export interface MoreTexts {
  readonly activity: typeof activity
  readonly controllers: typeof controllers
  readonly files: typeof files
  /** Of the editor of modules. */
  readonly maker: typeof maker
  readonly projects: typeof projects
  readonly trust: typeof trust
  readonly users: typeof users
}
export type More = keyof MoreTexts

export const loadMore: Readonly<Record<Lang, Readonly<Record<More, () => Promise<object>>>>> = {
  zh: {
    activity: async () => (await import('./zh/activity.json')).default,
    controllers: async () => (await import('./zh/controllers.json')).default,
    files: async () => (await import('./zh/files.json')).default,
    maker: async () => (await import('./zh/maker.json')).default,
    projects: async () => (await import('./zh/projects.json')).default,
    trust: async () => (await import('./zh/trust.json')).default,
    users: async () => (await import('./zh/users.json')).default,
  },
  en: {
    activity: async () => (await import('./en/activity.json')).default,
    controllers: async () => (await import('./en/controllers.json')).default,
    files: async () => (await import('./en/files.json')).default,
    maker: async () => (await import('./en/maker.json')).default,
    projects: async () => (await import('./en/projects.json')).default,
    trust: async () => (await import('./en/trust.json')).default,
    users: async () => (await import('./en/users.json')).default,
  },
}
