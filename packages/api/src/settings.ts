// Settings of the whole installation, and the health of the server.

import { z } from 'zod'
import { route } from './route.ts'

export const settingsSchema = z.strictObject({
  /** Days that ended runs are kept; 0 keeps them for ever. */
  runRetentionDays: z.number().int().min(0).max(3650),
  activityRetentionDays: z.number().int().min(0).max(3650),
  /** Above this many hosts a launch asks for the number to be typed. */
  confirmAbove: z.number().int().min(1).max(1_000_000),
  defaultConcurrency: z.number().int().min(1).max(10_000),
  defaultHostTimeoutMs: z.number().int().min(1000).max(86_400_000),
  /** Largest file of the library. */
  fileMaxBytes: z.number().int().min(1_000_000).max(1_000_000_000_000),
  sessionHours: z.number().int().min(1).max(720),
})
export type Settings = z.output<typeof settingsSchema>

export const healthSchema = z.object({
  status: z.enum(['ok', 'degraded']),
  version: z.string(),
  /** What is wrong, in words for an operator; empty when ok. */
  problems: z.array(z.string()),
})

export const settingsRoutes = {
  health: route({
    id: 'health',
    method: 'GET',
    path: '/api/health',
    summary: { zh: '能否接受工作', en: 'Whether the server can take work' },
    may: 'public',
    answer: healthSchema,
    errors: ['NOT_READY'],
  }),
  read: route({
    id: 'settings.read',
    method: 'GET',
    path: '/api/settings',
    summary: { zh: '读取设置', en: 'Read the settings' },
    may: 'settings.read',
    answer: settingsSchema,
  }),
  change: route({
    id: 'settings.change',
    method: 'PATCH',
    path: '/api/settings',
    summary: { zh: '修改设置', en: 'Change the settings' },
    may: 'settings.write',
    body: settingsSchema.partial(),
    answer: settingsSchema,
  }),
} as const
