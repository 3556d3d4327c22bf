// What a run gets of a project: the archive of that moment, and what it is told when there is none.

import type { PlaybookAction } from '@omserver/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { credentialService } from '../credentials/service.ts'
import { startServices, type TestServices } from '../testing/test-services.ts'
import { readArchive, removeUnused } from './archives-table.ts'
import { type ProjectService, projectService } from './service.ts'
import { projectSource } from './source.ts'
import { codeOf, wordsOf } from './testing/refusals.ts'
import { contentOf, makeRepository, type Repository, site } from './testing/repository.ts'

let test: TestServices
let repository: Repository
let projects: ProjectService

beforeEach(async () => {
  test = await startServices()
  repository = makeRepository()
  projects = projectService(test.services, {
    credentials: credentialService(test.services),
    gitDeadlineMs: 10_000,
  })
})
afterEach(async () => {
  await test[Symbol.asyncDispose]()
  repository[Symbol.dispose]()
})

const addGit = () => projects.add(test.admin, { name: 'shop', url: repository.folder })
const play = (more: Partial<PlaybookAction> = {}): PlaybookAction => ({
  kind: 'playbook',
  project: 'shop',
  playbook: 'site.yml',
  vars: {},
  ...more,
})

describe('a run', () => {
  const source = () => projectSource(test.services, projects)
  const resolve = (leaf: PlaybookAction) => source().resolve(test.admin, leaf)

  it('gets the archive of that moment, by hash, and finds it after the engine has lost it', async () => {
    const commit = repository.commit({ 'site.yml': site })
    await addGit()
    const leaf = await resolve(play({ playbook: './site.yml' }))
    expect(leaf).toMatchObject({ playbook: 'site.yml', source: { commit } })
    const blob = leaf.source?.blob ?? ''
    await source().provide?.(leaf)
    const bytes = await test.services.engine.blobs.get(blob)
    expect(bytes?.length).toBe(leaf.source?.size)
    expect(contentOf(bytes ?? new Uint8Array(), 'site.yml')).toBe(site)
    repository.commit({ 'site.yml': '# nothing to play\n' })
    await projects.refresh(test.admin, 'shop')
    await projects.remove(test.admin, 'shop')
    await test.services.engine.blobs.remove(blob)
    // Another process: it does not remember having put it there.
    await source().provide?.(leaf)
    expect(await test.services.engine.blobs.get(blob)).toEqual(bytes)
    expect(await resolve(leaf)).toBe(leaf)
  })

  it('is told what there is, when it names what there is not', async () => {
    repository.commit({ 'site.yml': site, 'plays/deploy.yml': site })
    await addGit()
    expect(await wordsOf(resolve(play({ project: 'shpo' })))).toBe(
      'PROJECT_UNKNOWN: There is no project shpo. Registered: shop.',
    )
    expect(await wordsOf(resolve(play({ playbook: 'deploy.yaml' })))).toBe(
      'PLAYBOOK_MISSING: The project shop has no playbook deploy.yaml. Similar: plays/deploy.yml, site.yml.',
    )
    for (const playbook of ['../site.yml', '/etc/passwd', 'plays/../../x.yml', '.']) {
      expect(await codeOf(resolve(play({ playbook }))), playbook).toBe('PLAYBOOK_OUTSIDE')
    }
  })

  it('cannot be had again when its archive is gone; one that is used stays', async () => {
    repository.commit({ 'site.yml': site })
    await addGit()
    const leaf = await resolve(play())
    test.pass(1_000_000)
    await source().provide?.(leaf)
    const { db, clock } = test.services
    expect(await removeUnused(db, clock.now() - 500_000)).toBe(0)
    expect(await readArchive(db, leaf.source?.blob ?? '')).toBeDefined()
    expect(await removeUnused(db, clock.now() + 1)).toBe(1)
    expect(await codeOf(source().provide?.(leaf) ?? Promise.resolve())).toBe('PROJECT_ARCHIVE_GONE')
  })

  it('makes room in the engine for what it needs, where older states fill it', async () => {
    await using small = await startServices()
    const { embeddedEngine } = await import('@omserver/engine')
    const engine = embeddedEngine({ blobs: { maxBytes: 1200 } })
    const services = { ...small.services, engine }
    const own = projectService(services, {
      credentials: credentialService(services),
      gitDeadlineMs: 10_000,
    })
    repository.write({ 'site.yml': site, noise: randomText(600) })
    await own.add(small.admin, { name: 'shop', path: repository.folder })
    const from = projectSource(services, own)
    const first = await from.resolve(small.admin, play())
    await from.provide?.(first)
    repository.write({ noise: randomText(600) })
    const second = await from.resolve(small.admin, play())
    await expect(from.provide?.(second)).rejects.toMatchObject({ code: 'BLOBS_FULL' })
    small.pass(3_600_001)
    await from.provide?.(second)
    expect(await engine.blobs.get(second.source?.blob ?? '')).toBeDefined()
    expect(await engine.blobs.get(first.source?.blob ?? '')).toBeUndefined()
    await engine.close()
  })
})

let seed = 1
/** Hardly compressible. */
const randomText = (bytes: number): string =>
  Array.from({ length: bytes }, () => {
    seed = (seed * 48_271) % 2_147_483_647
    return String.fromCharCode(33 + (seed % 90))
  }).join('')
