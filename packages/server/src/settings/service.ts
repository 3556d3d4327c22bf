// Settings of the installation: typed, with defaults, read from memory.

import { type Settings, settingsSchema } from '@omserver/api'
import type { Json } from '@omserver/core'
import type { Actor } from '../actor.ts'
import type { Services } from '../services.ts'
import { readAll, write } from './table.ts'

export const defaultSettings: Settings = {
  runRetentionDays: 90,
  activityRetentionDays: 365,
  confirmAbove: 50,
  defaultConcurrency: 100,
  defaultHostTimeoutMs: 60_000,
  fileMaxBytes: 2_000_000_000,
  sessionHours: 12,
}

export interface SettingsService {
  read(): Promise<Settings>
  /** Records what changed. */
  change(actor: Actor, patch: Partial<Settings>): Promise<Settings>
}

export const settingsService = (services: Pick<Services, 'db' | 'activity'>): SettingsService => {
  let kept: Settings | undefined
  const read = async (): Promise<Settings> => {
    kept ??= parse(await readAll(services.db))
    return kept
  }
  return {
    read,
    change: async (actor, patch) => {
      const before = await read()
      const changed = Object.entries(patch).filter(
        ([name, value]) => value !== undefined && before[name as keyof Settings] !== value,
      )
      if (changed.length === 0) return before
      await write(services.db, Object.fromEntries(changed))
      kept = undefined
      await services.activity.record(actor, {
        what: 'settings.change',
        subject: changed.map(([name]) => name).join(', '),
        before: Object.fromEntries(changed.map(([name]) => [name, before[name as keyof Settings]])),
        after: Object.fromEntries(changed),
      })
      return read()
    },
  }
}

/** A stored value that no longer fits (limits were narrowed) falls back to its default and harms no other. */
const parse = (stored: ReadonlyMap<string, Json>): Settings => {
  const settings: Record<string, unknown> = { ...defaultSettings }
  for (const [name, schema] of Object.entries(settingsSchema.shape)) {
    const result = schema.safeParse(stored.get(name))
    if (result.success) settings[name] = result.data
  }
  return settingsSchema.parse(settings)
}
