// Projects: registered by administrators, read when they are added, refreshed or carried out.

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { errorText, type ProjectView, type projectInput } from '@omserver/api'
import { type LoginSecret, Problem, type ProblemDetails } from '@omserver/core'
import type { z } from 'zod'
import type { Actor } from '../actor.ts'
import type { Services } from '../services.ts'
import { storeArchive } from './archives-table.ts'
import { requireGitUrl } from './git-url.ts'
import { type Place, type Snapshot, takeSnapshot } from './snapshot.ts'
import * as table from './table.ts'

type Input = z.output<typeof projectInput>
interface Change {
  readonly path?: string | undefined
  readonly url?: string | undefined
  readonly ref?: string | null | undefined
  readonly credential?: string | null | undefined
}

export interface ProjectService {
  list(): Promise<readonly ProjectView[]>
  /** By name or id. Throws Problem PROJECT_UNKNOWN. */
  show(nameOrId: string): Promise<ProjectView>
  /** Read before it is stored. Throws Problem PROJECT_EXISTS, PROJECT_PLACE and those of reading. */
  add(actor: Actor, input: Input): Promise<ProjectView>
  change(actor: Actor, nameOrId: string, change: Change): Promise<ProjectView>
  refresh(actor: Actor, nameOrId: string): Promise<ProjectView>
  remove(actor: Actor, nameOrId: string): Promise<void>
  /** As it is now, its archive stored. Throws Problem PROJECT_UNKNOWN and those of reading. */
  read(name: string): Promise<Snapshot>
  names(): Promise<readonly string[]>
}

export interface ProjectParts {
  readonly credentials: {
    find(nameOrId: string): Promise<{ readonly id: string } | undefined>
    names(): Promise<ReadonlyMap<string, string>>
    login(id: string): Promise<LoginSecret>
  }
  readonly gitDeadlineMs: number
}

export const projectService = (
  services: Pick<Services, 'db' | 'clock' | 'newId' | 'activity' | 'dataDir'>,
  { credentials, gitDeadlineMs }: ProjectParts,
): ProjectService => {
  const { db, clock, activity, dataDir } = services
  /** One at a time of each project: two that fetch into one copy would get in each other's way. */
  const turns = new Map<string, Promise<unknown>>()

  const inTurn = <T>(id: string, work: () => Promise<T>): Promise<T> => {
    const before = turns.get(id) ?? Promise.resolve()
    const mine = before.then(work, work)
    turns.set(id, mine)
    const tidy = () => {
      if (turns.get(id) === mine) turns.delete(id)
    }
    mine.then(tidy, tidy)
    return mine
  }

  const rowOf = async (nameOrId: string): Promise<table.ProjectRow> => {
    const row = (await table.readByName(db, nameOrId)) ?? (await table.readById(db, nameOrId))
    if (row) return row
    const known = (await table.readAll(db)).map(({ name }) => name)
    const shown = known.slice(0, 20).join(', ') || '–'
    throw new Problem('PROJECT_UNKNOWN', { project: nameOrId, known: shown })
  }

  const credentialId = async (name: string | null | undefined): Promise<string | null> => {
    if (!name) return null
    const found = await credentials.find(name)
    if (!found) throw new Problem('CREDENTIAL_UNKNOWN', { credential: name })
    return found.id
  }

  const placeOf = async (input: Change): Promise<Place> => {
    const { path, url, ref, credential } = input
    if (path !== undefined && url === undefined && !ref && !credential) {
      return { kind: 'folder', path }
    }
    if (url === undefined || path !== undefined) throw new Problem('PROJECT_PLACE')
    return {
      kind: 'git',
      url: requireGitUrl(url),
      ref: ref || null,
      credentialId: await credentialId(credential),
    }
  }

  const placeIn = (row: table.ProjectRow): Place =>
    row.kind === 'folder'
      ? { kind: 'folder', path: row.location }
      : { kind: 'git', url: row.location, ref: row.ref, credentialId: row.credential_id }

  const take = async (place: Place, id: string, lastCommit: string | null): Promise<Snapshot> => {
    const snapshot = await takeSnapshot(
      place,
      { id, lastCommit },
      { dataDir, login: credentials.login, deadlineMs: gitDeadlineMs },
    )
    await storeArchive(db, { hash: snapshot.hash, bytes: snapshot.archive, at: clock.now() })
    return snapshot
  }

  /** What is known of it afterwards is stored, also why it could not be read. */
  const readAgain = (row: table.ProjectRow, place = placeIn(row)): Promise<Snapshot> =>
    inTurn(row.id, async () => {
      try {
        const snapshot = await take(place, row.id, row.commit_id)
        await table.update(db, row.id, { ...columnsOf(place), ...factsOf(snapshot, clock.now()) })
        return snapshot
      } catch (error) {
        if (error instanceof Problem && place.kind === row.kind) {
          const trouble = JSON.stringify({ code: error.code, details: error.details })
          await table.update(db, row.id, { trouble, trouble_at: clock.now() })
        }
        throw error
      }
    })

  const viewBy = async (id: string): Promise<ProjectView> =>
    viewOf(await rowOf(id), await credentials.names())

  return {
    list: async () => {
      const names = await credentials.names()
      return (await table.readAll(db)).map((row) => viewOf(row, names))
    },
    names: async () => (await table.readAll(db)).map(({ name }) => name),
    show: viewBy,
    add: async (actor, input) => {
      const { name, ...given } = input
      const taken = () => table.readByName(db, name)
      if (await taken()) throw new Problem('PROJECT_EXISTS', { project: name })
      const place = await placeOf(given)
      const id = services.newId()
      const snapshot = await take(place, id, null)
      // Reading may have taken a while.
      if (await taken()) throw new Problem('PROJECT_EXISTS', { project: name })
      const now = clock.now()
      await table.insert(db, {
        id,
        name,
        ...columnsOf(place),
        ...factsOf(snapshot, now),
        created_at: now,
      })
      const view = await viewBy(id)
      await activity.record(actor, { what: 'projects.add', subject: name, after: told(view) })
      return view
    },
    change: async (actor, nameOrId, change) => {
      const row = await rowOf(nameOrId)
      const before = await viewBy(row.id)
      const place = await placeOf(
        change.path === undefined
          ? {
              url: change.url ?? before.url ?? undefined,
              ...(change.url === undefined && before.url === null
                ? { path: before.path ?? undefined }
                : {}),
              ref: change.ref === undefined ? before.ref : change.ref,
              credential: change.credential === undefined ? before.credential : change.credential,
            }
          : change,
      )
      await readAgain(row, place)
      const view = await viewBy(row.id)
      await activity.record(actor, {
        what: 'projects.change',
        subject: row.name,
        before: told(before),
        after: told(view),
      })
      return view
    },
    refresh: async (actor, nameOrId) => {
      const row = await rowOf(nameOrId)
      await readAgain(row)
      const view = await viewBy(row.id)
      await activity.record(actor, {
        what: 'projects.refresh',
        subject: row.name,
        after: { commit: view.commit, sha256: view.sha256 },
      })
      return view
    },
    remove: async (actor, nameOrId) => {
      const row = await rowOf(nameOrId)
      const before = await viewBy(row.id)
      await table.remove(db, row.id)
      await inTurn(row.id, () =>
        rm(join(dataDir, 'projects', `${row.id}.git`), { recursive: true, force: true }),
      )
      await activity.record(actor, {
        what: 'projects.remove',
        subject: row.name,
        before: told(before),
      })
    },
    read: async (name) => readAgain(await rowOf(name)),
  }
}

const columnsOf = (
  place: Place,
): Pick<table.ProjectRow, 'kind' | 'location' | 'ref' | 'credential_id'> =>
  place.kind === 'folder'
    ? { kind: 'folder', location: place.path, ref: null, credential_id: null }
    : { kind: 'git', location: place.url, ref: place.ref, credential_id: place.credentialId }

const factsOf = (snapshot: Snapshot, now: number) => ({
  commit_id: snapshot.commit,
  playbooks: JSON.stringify(snapshot.playbooks),
  files: snapshot.paths.size,
  archive: snapshot.hash,
  bytes: snapshot.archive.length,
  requirements: snapshot.requirements ? 1 : 0,
  refreshed_at: now,
  trouble: null,
  trouble_at: null,
})

/** For the activity log: where it comes from and which state of it, not each of its playbooks. */
const told = ({ path, url, ref, credential, commit, sha256 }: ProjectView) => ({
  path,
  url,
  ref,
  credential,
  commit,
  sha256,
})

const viewOf = (row: table.ProjectRow, credentials: ReadonlyMap<string, string>): ProjectView => ({
  id: row.id,
  name: row.name,
  kind: row.kind === 'git' ? 'git' : 'folder',
  path: row.kind === 'git' ? null : row.location,
  url: row.kind === 'git' ? row.location : null,
  ref: row.ref,
  credential:
    row.credential_id === null ? null : (credentials.get(row.credential_id) ?? row.credential_id),
  commit: row.commit_id,
  playbooks: JSON.parse(row.playbooks) as string[],
  files: row.files,
  bytes: row.bytes,
  sha256: row.archive,
  requirements: row.requirements === 1,
  refreshedAt: row.refreshed_at,
  trouble:
    row.trouble === null
      ? null
      : { at: row.trouble_at ?? row.refreshed_at, text: textOf(row.trouble) },
  createdAt: row.created_at,
})

const textOf = (trouble: string) => {
  const { code, details } = JSON.parse(trouble) as { code: string; details: ProblemDetails }
  return errorText(code, details)
}
