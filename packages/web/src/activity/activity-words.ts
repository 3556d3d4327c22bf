// The log in words: who, from where, on what, and which field. What has no word is shown as it was written.

import type { ActivityView } from '@omserver/api'
import { fieldName } from '../hosts/index.ts'
import { useTexts } from '../i18n/index.ts'

const fields = [
  'id',
  'name',
  'displayName',
  'role',
  'disabled',
  'mustChangePassword',
  'teamIds',
  'memberIds',
  'grants',
  'createdAt',
  'updatedAt',
  'lastLoginAt',
  'lastUsedAt',
  'expiresAt',
  'user',
  'type',
  'fingerprint',
  'publicKey',
  'hosts',
  'selector',
  'count',
  'added',
  'updated',
  'same',
  'changed',
  'removed',
  'version',
  'title',
  'summary',
  'category',
  'fields',
  'script',
  'dangerous',
  'timeoutMs',
  'table',
  'runAs',
  'module',
  'params',
  'check',
  'strategy',
  'total',
  'state',
  'counts',
  'note',
] as const

const settings = [
  'confirmAbove',
  'defaultConcurrency',
  'defaultHostTimeoutMs',
  'runRetentionDays',
  'activityRetentionDays',
  'sessionHours',
] as const

const runSubject = /^(\S+) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/

interface Subject {
  readonly text: string
  /** The run it speaks of. */
  readonly runId?: string
}

export const useActivityWords = () => {
  const { t, exactTime } = useTexts()
  const setting = (name: string): string | undefined => {
    const found = settings.find((one) => one === name)
    return found && t(`settings.field.${found}.title`)
  }
  const field = (path: string): string => {
    const ofHost = fieldName(t, path)
    if (ofHost !== path) return ofHost
    const [first = '', ...rest] = path.split('.')
    const known = fields.find((one) => one === first)
    const word = setting(first) ?? (known === undefined ? first : t(`activity.name.${known}`))
    return [word, ...rest].join('.')
  }
  return {
    who: ({ actorName }: Pick<ActivityView, 'actorName'>): string =>
      actorName === 'system' || actorName === 'nobody' ? t(`activity.who.${actorName}`) : actorName,
    /** undefined: nothing worth a word. */
    via: ({ via, actorName }: Pick<ActivityView, 'via' | 'actorName'>): string | undefined => {
      if (via === actorName || via === 'nobody' || via === 'system') return undefined
      if (via === 'session') return t('activity.viaSession')
      const client = /^direct:(.*)$/.exec(via)?.[1]
      if (client !== undefined) return t('activity.viaClient', { name: client })
      const token = /^token:(.*)$/.exec(via)?.[1]
      return token === undefined ? via : t('activity.viaToken', { name: token })
    },
    from: (from: string): string => (from === 'local' ? t('activity.fromLocal') : from),
    subject: ({ what, subject, hostCount }: ActivityView): Subject | undefined => {
      // The count stands beside it anyway.
      if (hostCount > 0 && subject === String(hostCount)) return undefined
      const [, module, runId] = runSubject.exec(subject) ?? []
      if (module !== undefined && runId !== undefined) return { text: module, runId }
      if (what !== 'settings.change') return { text: subject }
      const names = subject.split(', ').map((name) => setting(name) ?? name)
      return { text: names.join(t('activity.comma')) }
    },
    field,
    value: (path: string, text: string): string => {
      if (/At$/.test(path) && /^\d{12,14}$/.test(text)) return exactTime(Number(text))
      if (/Ms$/.test(path) && /^\d+$/.test(text))
        return t('activity.seconds', { seconds: Number(text) / 1000 })
      return text === 'true' || text === 'false' ? t(`activity.is.${text}`) : text
    },
  }
}
