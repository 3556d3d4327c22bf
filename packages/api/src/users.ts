// Users, user groups, their grants, and API tokens.

import { roles } from '@omserver/core'
import { z } from 'zod'
import { grantSchema } from './auth.ts'
import { route } from './route.ts'
import { idSchema, okSchema, timeSchema } from './text-schema.ts'

const grantErrors = [
  'SELECTOR_SYNTAX',
  'SELECTOR_MIXED',
  'SELECTOR_RANGE',
  'SELECTOR_LENGTH',
  'GRANT_SELECTOR',
  'GRANT_MODULE_UNKNOWN',
] as const
const newGrant = grantSchema.omit({ id: true })

export const userSchema = z.object({
  id: idSchema,
  name: z.string(),
  displayName: z.string(),
  role: z.enum(roles),
  disabled: z.boolean(),
  /** An administrator set the password; the next sign-in must replace it. */
  mustChangePassword: z.boolean(),
  teamIds: z.array(idSchema),
  grants: z.array(grantSchema),
  createdAt: timeSchema,
  lastLoginAt: timeSchema.nullable(),
})
export type UserView = z.output<typeof userSchema>

// Without defaults: a change must leave alone what it does not mention, and `.partial()` would fill defaults in.
const userFields = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[\p{L}\p{N}._@-]+$/u),
  displayName: z.string().max(100),
  role: z.enum(roles),
  /** An initial one: whoever signs in with it must choose another before anything else. */
  password: z.string().max(1000),
  teamIds: z.array(idSchema).max(100),
  grants: z.array(newGrant).max(200),
})
const userInput = userFields.extend({
  displayName: userFields.shape.displayName.default(''),
  teamIds: userFields.shape.teamIds.default([]),
  grants: userFields.shape.grants.default([]),
})

/** A group of users (用户组); named Team in code because Group is a saved selector. */
export const teamSchema = z.object({
  id: idSchema,
  name: z.string(),
  grants: z.array(grantSchema),
  memberIds: z.array(idSchema),
})
export type TeamView = z.output<typeof teamSchema>

const teamFields = z.strictObject({
  name: z.string().min(1).max(64),
  grants: z.array(newGrant).max(200),
  memberIds: z.array(idSchema).max(10_000),
})
const teamInput = teamFields.extend({
  grants: teamFields.shape.grants.default([]),
  memberIds: teamFields.shape.memberIds.default([]),
})

export const tokenSchema = z.object({
  id: idSchema,
  name: z.string(),
  userId: idSchema,
  userName: z.string(),
  createdAt: timeSchema,
  expiresAt: timeSchema.nullable(),
  lastUsedAt: timeSchema.nullable(),
})
export type TokenView = z.output<typeof tokenSchema>

const byId = z.object({ id: idSchema })

export const userRoutes = {
  list: route({
    id: 'users.list',
    method: 'GET',
    path: '/api/users',
    summary: { zh: '用户列表', en: 'List users' },
    may: 'user.read',
    answer: z.object({ items: z.array(userSchema) }),
  }),
  add: route({
    id: 'users.add',
    method: 'POST',
    path: '/api/users',
    summary: { zh: '新增用户', en: 'Add a user' },
    may: 'user.write',
    body: userInput,
    answer: userSchema,
    errors: ['USER_EXISTS', 'PASSWORD_WEAK', 'TEAM_UNKNOWN', ...grantErrors],
  }),
  change: route({
    id: 'users.change',
    method: 'PATCH',
    path: '/api/users/:id',
    summary: { zh: '修改用户', en: 'Change a user' },
    may: 'user.write',
    params: byId,
    body: userFields.omit({ name: true }).extend({ disabled: z.boolean() }).partial(),
    answer: userSchema,
    errors: ['USER_UNKNOWN', 'PASSWORD_WEAK', 'LAST_ADMIN', 'TEAM_UNKNOWN', ...grantErrors],
  }),
  remove: route({
    id: 'users.remove',
    method: 'DELETE',
    path: '/api/users/:id',
    summary: { zh: '删除用户', en: 'Delete a user' },
    may: 'user.write',
    params: byId,
    answer: okSchema,
    errors: ['USER_UNKNOWN', 'LAST_ADMIN'],
  }),
  listTeams: route({
    id: 'teams.list',
    method: 'GET',
    path: '/api/teams',
    summary: { zh: '用户组列表', en: 'List user groups' },
    may: 'user.read',
    answer: z.object({ items: z.array(teamSchema) }),
  }),
  addTeam: route({
    id: 'teams.add',
    method: 'POST',
    path: '/api/teams',
    summary: { zh: '新增用户组', en: 'Add a user group' },
    may: 'user.write',
    body: teamInput,
    answer: teamSchema,
    errors: ['TEAM_EXISTS', 'USER_UNKNOWN', ...grantErrors],
  }),
  changeTeam: route({
    id: 'teams.change',
    method: 'PATCH',
    path: '/api/teams/:id',
    summary: { zh: '修改用户组', en: 'Change a user group' },
    may: 'user.write',
    params: byId,
    body: teamFields.partial(),
    answer: teamSchema,
    errors: ['TEAM_UNKNOWN', 'TEAM_EXISTS', 'USER_UNKNOWN', ...grantErrors],
  }),
  removeTeam: route({
    id: 'teams.remove',
    method: 'DELETE',
    path: '/api/teams/:id',
    summary: { zh: '删除用户组', en: 'Delete a user group' },
    may: 'user.write',
    params: byId,
    answer: okSchema,
    errors: ['TEAM_UNKNOWN'],
  }),
  listTokens: route({
    id: 'tokens.list',
    method: 'GET',
    path: '/api/tokens',
    summary: { zh: '令牌列表（管理员可见全部）', en: 'List tokens (an administrator sees all)' },
    may: 'token.own',
    answer: z.object({ items: z.array(tokenSchema) }),
  }),
  addToken: route({
    id: 'tokens.add',
    method: 'POST',
    path: '/api/tokens',
    summary: { zh: '新增自己的令牌', en: 'Add a token of one’s own' },
    may: 'token.own',
    body: z.strictObject({
      name: z.string().min(1).max(100),
      expiresInDays: z.number().int().min(1).max(3650).nullable(),
    }),
    /** The only time the token itself is shown. */
    answer: tokenSchema.extend({ token: z.string() }),
  }),
  removeToken: route({
    id: 'tokens.remove',
    method: 'DELETE',
    path: '/api/tokens/:id',
    summary: { zh: '吊销令牌', en: 'Revoke a token' },
    may: 'token.own',
    params: byId,
    answer: okSchema,
    errors: ['TOKEN_UNKNOWN'],
  }),
} as const
