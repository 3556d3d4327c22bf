// Routes of users, teams and tokens.

import { userRoutes } from '@omserver/api'
import { type Handler, handle } from '../http/index.ts'
import type { UserService } from './service.ts'
import type { TeamService } from './team-service.ts'
import type { TokenService } from './token-service.ts'

const ok = { ok: true } as const

export const userHandlers = (
  users: UserService,
  teams: TeamService,
  tokens: TokenService,
): Handler[] => [
  handle(userRoutes.list, async () => ({ items: await users.list() })),
  handle(userRoutes.add, ({ actor, body }) => users.add(actor, body)),
  handle(userRoutes.change, ({ actor, params, body }) => users.change(actor, params.id, body)),
  handle(userRoutes.remove, async ({ actor, params }) => {
    await users.remove(actor, params.id)
    return ok
  }),
  handle(userRoutes.listTeams, async () => ({ items: await teams.list() })),
  handle(userRoutes.addTeam, ({ actor, body }) => teams.add(actor, body)),
  handle(userRoutes.changeTeam, ({ actor, params, body }) => teams.change(actor, params.id, body)),
  handle(userRoutes.removeTeam, async ({ actor, params }) => {
    await teams.remove(actor, params.id)
    return ok
  }),
  handle(userRoutes.listTokens, async ({ actor }) => ({ items: await tokens.list(actor) })),
  handle(userRoutes.addToken, ({ actor, body }) => tokens.add(actor, body)),
  handle(userRoutes.removeToken, async ({ actor, params }) => {
    await tokens.remove(actor, params.id)
    return ok
  }),
]
