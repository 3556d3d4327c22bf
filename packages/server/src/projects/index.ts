// Projects (项目): folders and Git repositories of playbooks, and the archives that runs are made of.

import type { Settings } from '@omserver/api'
import type { RunSource } from '../runs/index.ts'
import type { Services } from '../services.ts'
import type { Slice } from '../slice.ts'
import { removeUnused } from './archives-table.ts'
import { projectHandlers } from './routes.ts'
import { type ProjectParts, type ProjectService, projectService } from './service.ts'
import { projectSource } from './source.ts'

const GIT_DEADLINE_MS = 60_000
const DAY_MS = 86_400_000

interface Projects extends ProjectService {
  readonly source: RunSource<'playbook'>
}

export const createProjects = (
  services: Services,
  parts: Omit<ProjectParts, 'gitDeadlineMs'> & {
    readonly gitDeadlineMs?: number
    readonly settings: { read(): Promise<Settings> }
  },
): Slice<Projects> => {
  const service = projectService(services, { gitDeadlineMs: GIT_DEADLINE_MS, ...parts })
  let timer: NodeJS.Timeout | undefined
  let trimming: Promise<void> = Promise.resolve()
  // Kept as long as a run that was made of it: it may be run again.
  const trim = (): void => {
    trimming = (async () => {
      const { runRetentionDays } = await parts.settings.read()
      if (runRetentionDays === 0) return
      await removeUnused(services.db, services.clock.now() - (runRetentionDays + 1) * DAY_MS)
    })().catch((error: unknown) => {
      services.log.error({ err: error }, 'archives that nobody uses were not removed')
    })
  }
  return {
    service: { ...service, source: projectSource(services, service) },
    handlers: projectHandlers(service),
    start: async () => {
      trim()
      timer = setInterval(trim, DAY_MS)
      timer.unref()
    },
    stop: async () => {
      clearInterval(timer)
      await trimming
    },
  }
}
