// What runs ask of projects: the archive of this moment when one is launched, and that controllers find it.

import { type PlaybookAction, Problem } from '@omserver/core'
import type { RunSource } from '../runs/index.ts'
import type { Services } from '../services.ts'
import { markUsed, readArchive } from './archives-table.ts'
import { playbookPath } from './inside.ts'
import { similarTo } from './playbooks.ts'
import type { ProjectService } from './service.ts'

/** Put there so recently that the engine is not asked again. */
const FRESH_MS = 60_000
/** Nobody who was offered it then can still be about to fetch it. */
const OLD_MS = 3_600_000

export const projectSource = (
  services: Pick<Services, 'db' | 'clock' | 'engine'>,
  projects: Pick<ProjectService, 'read'>,
): RunSource<'playbook'> => {
  const { db, clock, engine } = services
  /** hash → when this process gave it to the engine last. */
  const given = new Map<string, number>()

  const put = async (bytes: Uint8Array): Promise<void> => {
    try {
      await engine.blobs.put(bytes)
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'BLOBS_FULL') throw error
      // Every state of every project that was ever carried out would lie there for good.
      const before = clock.monotonic() - OLD_MS
      const old = [...given].filter(([, at]) => at < before)
      if (old.length === 0) throw error
      for (const [hash] of old) {
        await engine.blobs.remove(hash)
        given.delete(hash)
      }
      await engine.blobs.put(bytes)
    }
  }

  const provide = async ({ project, source }: PlaybookAction): Promise<void> => {
    if (!source) return
    const at = given.get(source.blob)
    const known = await markUsed(db, source.blob, clock.now())
    if (at !== undefined && clock.monotonic() - at < FRESH_MS) return
    const bytes = known ? await readArchive(db, source.blob) : undefined
    if (!bytes) throw new Problem('PROJECT_ARCHIVE_GONE', { project })
    await put(bytes)
    given.set(source.blob, clock.monotonic())
  }

  return {
    kind: 'playbook',
    resolve: async (_, leaf) => {
      if (leaf.source) return leaf
      const playbook = playbookPath(leaf.playbook)
      const { project } = leaf
      const snapshot = await projects.read(project)
      if (!snapshot.paths.has(playbook)) {
        const similar = { ...similarTo(playbook, snapshot.playbooks) }
        throw new Problem('PLAYBOOK_MISSING', { project, playbook, similar })
      }
      const { hash: blob, archive, commit } = snapshot
      const source = { blob, size: archive.length, ...(commit === null ? {} : { commit }) }
      return { ...leaf, playbook, source }
    },
    provide,
  }
}
