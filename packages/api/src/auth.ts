// Signing in and out, and what the signed-in person may do.

import { permissions, roles } from '@omserver/core'
import { z } from 'zod'
import { route } from './route.ts'
import { idSchema, okSchema, selectorSchema } from './text-schema.ts'

export const grantSchema = z.strictObject({
  id: idSchema,
  modules: z.array(z.string().min(1).max(200)).min(1).max(200),
  selector: selectorSchema,
})

export const actorSchema = z.object({
  id: idSchema,
  name: z.string(),
  displayName: z.string(),
  role: z.enum(roles),
  /** The screen shows what these allow and explains what they do not. */
  permissions: z.array(z.enum(permissions)),
  /** Own grants and those of the actor's groups. An admin needs none. */
  grants: z.array(grantSchema),
  /**
   * Somebody else set the password. Everything but signing out, changing the password and making a token is refused
   * to this session; such a token ends when the password is changed.
   */
  mustChangePassword: z.boolean(),
  /** Goes into the header `x-om-csrf` of every request that is not a GET; null when signed in by an API token. */
  csrf: z.string().nullable(),
})
export type ActorView = z.output<typeof actorSchema>

export const authRoutes = {
  login: route({
    id: 'auth.login',
    method: 'POST',
    path: '/api/auth/login',
    summary: { zh: '登录', en: 'Sign in' },
    may: 'public',
    body: z.strictObject({ name: z.string().max(200), password: z.string().max(1000) }),
    answer: actorSchema,
    errors: ['LOGIN_WRONG', 'LOGIN_THROTTLED', 'USER_DISABLED'],
  }),
  logout: route({
    id: 'auth.logout',
    method: 'POST',
    path: '/api/auth/logout',
    summary: { zh: '退出登录', en: 'Sign out' },
    may: 'signedIn',
    answer: okSchema,
  }),
  me: route({
    id: 'auth.me',
    method: 'GET',
    path: '/api/auth/me',
    summary: { zh: '当前用户', en: 'Who is signed in' },
    may: 'signedIn',
    answer: actorSchema,
  }),
  changePassword: route({
    id: 'auth.changePassword',
    method: 'POST',
    path: '/api/auth/password',
    summary: { zh: '修改自己的密码', en: 'Change one’s own password' },
    may: 'signedIn',
    body: z.strictObject({ current: z.string().max(1000), next: z.string().max(1000) }),
    answer: okSchema,
    errors: ['LOGIN_WRONG', 'LOGIN_THROTTLED', 'PASSWORD_WEAK'],
  }),
} as const
