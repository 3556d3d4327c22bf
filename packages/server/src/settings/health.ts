// Whether the server can take work, and what an operator should look at before it cannot.

import { statfs } from 'node:fs/promises'
import { errorText } from '@omserver/api'
import type { Text } from '@omserver/core'
import { writeTrouble } from '../db/index.ts'
import type { Services } from '../services.ts'
import { write } from './table.ts'

interface Finding {
  /** No work can be taken while this lasts. */
  readonly stops: boolean
  readonly text: Text
}

export interface HealthCheck {
  findings(): Promise<readonly Finding[]>
  /** Stops following the IDCs of the engine. */
  stop(): Promise<void>
}

const LOW_BYTES = 512 * 1024 * 1024
// Small writes still find room in what the database has set aside, so none has failed yet; a run finds none.
const FULL_BYTES = 1024 * 1024
const CONTROLLER_KEY = 'controller:'

export const healthCheck = async (
  services: Pick<Services, 'db' | 'engine' | 'dataDir' | 'clock'>,
  freeBytes = freeBytesOf,
): Promise<HealthCheck> => {
  const idcs = new Set<string>()
  const stopWatching = await services.engine.watchIdcs((idc) => idcs.add(idc))
  return {
    stop: stopWatching,
    findings: async () => {
      const database = await databaseFindings(services)
      const free = await freeBytes(services.dataDir)
      const disk = diskFindings(services.dataDir, free, database.length === 0)
      // The engine of this process waits for the database: that it does not get on either is the same news.
      if (database.length > 0 && services.engine.kind === 'embedded') return [...database, ...disk]
      const engine = await Promise.all([...idcs].map((idc) => idcFindings(services.engine, idc)))
      return [...database, ...disk, ...engine.flat()]
    },
  }
}

const databaseFindings = async (
  services: Pick<Services, 'db' | 'clock'>,
): Promise<readonly Finding[]> => {
  if (writeTrouble(services.db) === undefined) return []
  // Only after a failure: a healthy database is not written to for the sake of being asked.
  await write(services.db, { healthProbe: services.clock.now() }).catch(() => {})
  const trouble = writeTrouble(services.db)
  return trouble ? [{ stops: true, text: errorText(trouble.code, trouble.details) }] : []
}

const freeBytesOf = async (folder: string): Promise<number> => {
  const disk = await statfs(folder)
  // Some file systems that are served by a program tell no size at all.
  return disk.blocks === 0 ? Number.POSITIVE_INFINITY : disk.bavail * disk.bsize
}

/** `news`: the database does not say it already. */
const diskFindings = (folder: string, free: number, news: boolean): readonly Finding[] => {
  if (free >= LOW_BYTES) return []
  if (free < FULL_BYTES && news) {
    return [{ stops: true, text: errorText('DISK_FULL', { file: folder }) }]
  }
  const mib = Math.floor(free / 1024 / 1024)
  return [
    {
      stops: false,
      text: {
        zh: `数据目录所在磁盘只剩 ${mib} MiB，请尽快清理。`,
        en: `Only ${mib} MiB are left on the disk of the data folder; free some space soon.`,
      },
    },
  ]
}

const idcFindings = async (
  engine: Services['engine'],
  idc: string,
): Promise<readonly Finding[]> => {
  const health = await engine.health(idc)
  if (!health.ok) {
    return [
      {
        stops: true,
        text: {
          zh: `机房 ${idc} 的任务通道不可用：${health.detail}`,
          en: `The engine does not answer for IDC ${idc}: ${health.detail}`,
        },
      },
    ]
  }
  const present = await engine.presence.all(idc)
  if ([...present.keys()].some((key) => key.startsWith(CONTROLLER_KEY))) return []
  return [
    {
      stops: false,
      text: {
        zh: `机房 ${idc} 没有在线的主控端，发往该机房的执行会一直等待。`,
        en: `No controller is present in IDC ${idc}; runs for it wait until one comes.`,
      },
    },
  ]
}
