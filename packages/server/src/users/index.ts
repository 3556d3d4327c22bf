// Users, teams, grants and tokens.

import type { Services } from '../services.ts'
import type { Slice } from '../slice.ts'
import { type Accounts, accounts } from './account.ts'
import { userHandlers } from './routes.ts'
import { userService } from './service.ts'
import { teamService } from './team-service.ts'
import { type TokenService, tokenService } from './token-service.ts'

export type { Account, Accounts, FirstAdmin } from './account.ts'
export { hashPassword, verifyPassword } from './password.ts'
export { TOKEN_PREFIX } from './token-service.ts'

export interface People {
  readonly accounts: Accounts
  readonly tokens: TokenService
}

export const createUsers = (
  services: Services,
  others: { readonly moduleNames: () => Promise<readonly string[]> },
): Slice<People> => {
  const needs = { ...services, ...others }
  const tokens = tokenService(services)
  return {
    service: { accounts: accounts(services), tokens },
    handlers: userHandlers(userService(needs), teamService(needs), tokens),
  }
}
