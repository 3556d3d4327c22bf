// Routes of signing in and out.

import { type ActorView, authRoutes } from '@omserver/api'
import { permissions } from '@omserver/core'
import { callerOf, type Handler, handle } from '../http/index.ts'
import type { AuthService, SignedIn } from './service.ts'
import { clearedCookie, sessionCookie } from './session-cookie.ts'

const ok = { ok: true } as const

export const authHandlers = (
  service: AuthService,
  options: { readonly tls: boolean },
): Handler[] => [
  handle(authRoutes.login, async ({ body, request, reply }) => {
    const signedIn = await service.login(body, {
      address: callerOf(request).ip,
      userAgent: request.headers['user-agent'] ?? '',
    })
    reply.header('set-cookie', sessionCookie(signedIn.token, options))
    return viewOf(signedIn)
  }),
  handle(authRoutes.logout, async ({ actor, request, reply }) => {
    await service.logout(actor, callerOf(request))
    reply.header('set-cookie', clearedCookie(options))
    return ok
  }),
  handle(authRoutes.me, async ({ request }) => viewOf(await service.signedIn(callerOf(request)))),
  handle(authRoutes.changePassword, async ({ actor, body, request }) => {
    await service.changePassword(actor, callerOf(request), body.current, body.next)
    return ok
  }),
]

const viewOf = ({ account, actor, csrf }: SignedIn): ActorView => ({
  id: account.id,
  name: account.name,
  displayName: account.displayName,
  role: account.role,
  permissions: permissions.filter((permission) => actor.permissions.has(permission)),
  grants: actor.grants.map((grant) => ({ ...grant, modules: [...grant.modules] })),
  mustChangePassword: account.mustChangePassword,
  csrf,
})
