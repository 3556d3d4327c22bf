// Projects through the contract: who may, and what a run of one tells of it, over a restart as well.

import { hostRoutes, moduleRoutes, projectRoutes, runRoutes } from '@omserver/api'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startFakeController } from '../runs/testing/fake-controller.ts'
import { startTestServer, type TestServer } from '../testing/test-server.ts'
import { makeRepository, type Repository, site } from './testing/repository.ts'

let test: TestServer
let repository: Repository
let commit: string

beforeAll(async () => {
  repository = makeRepository()
  commit = repository.commit({ 'site.yml': site, 'plays/deploy.yml': site })
  test = await startTestServer()
  await test.admin.call(hostRoutes.add, {
    body: { name: 'web-1', address: '192.0.2.1', driver: 'ansible' },
  })
})
afterAll(async () => {
  await test.close()
  repository[Symbol.dispose]()
})

const launch = (params: Record<string, string>) =>
  test.operator.call(runRoutes.launch, {
    body: {
      module: 'ansible.playbook',
      params: { project: 'shop', playbook: 'site.yml', ...params },
      selector: 'web-1',
    },
  })

it('only an administrator registers one; who may run sees what can be played', async () => {
  const body = { name: 'shop', url: repository.folder }
  await expect(test.operator.call(projectRoutes.add, { body })).rejects.toMatchObject({
    code: 'FORBIDDEN',
  })
  const added = await test.admin.call(projectRoutes.add, { body })
  expect(added).toMatchObject({ commit, playbooks: ['plays/deploy.yml', 'site.yml'] })
  expect((await test.viewer.call(projectRoutes.list, {})).items).toEqual([added])
  const choices = (body: { field: string; params?: Record<string, string> }) =>
    test.operator
      .call(moduleRoutes.choices, { params: { name: 'ansible.playbook' }, body })
      .then((answer) => answer.choices.map(({ value }) => value))
  expect(await choices({ field: 'project' })).toEqual(['shop'])
  expect(await choices({ field: 'playbook' })).toEqual([])
  const of = { field: 'playbook', params: { project: 'shop' } }
  expect(await choices(of)).toEqual(['plays/deploy.yml', 'site.yml'])
})

it('a ref that git would take for something else is refused', async () => {
  for (const ref of ['--upload-pack=x', '+main', 'a:b', 'a..b', 'ref*', '']) {
    const body = { name: 'odd', url: repository.folder, ref }
    await expect(test.admin.call(projectRoutes.add, { body }), ref).rejects.toMatchObject({
      status: 400,
    })
  }
})

it('a run is refused before it is stored where its project or its playbook is not there', async () => {
  await expect(launch({ project: 'nope' })).rejects.toMatchObject({ code: 'PROJECT_UNKNOWN' })
  await expect(launch({ playbook: 'stie.yml' })).rejects.toMatchObject({ code: 'PLAYBOOK_MISSING' })
  expect((await test.admin.call(runRoutes.list, {})).items).toEqual([])
})

it('a run remembers the commit it was launched with, and is run again as it was after a restart', async () => {
  const first = await startFakeController(test.engine, ['default'], () => ({
    steps: [
      { name: 'packages', index: 0, item: 'nginx', state: 'ok', changed: true, diff: '+nginx\n' },
      { name: 'packages', index: 0, item: 'redis', state: 'failed', message: 'no such package' },
    ],
    end: { state: 'failed', reason: 'exit', exit: 2 },
  }))
  const { id } = await launch({ vars: '{"x":"{{ y }}"}' })
  const ended = async (run: string) => {
    for await (const { data } of test.admin.events(runRoutes.events, { params: { id: run } })) {
      if (data.type === 'run.ended') return data.status
    }
    return undefined
  }
  expect(await ended(id)).toBe('failed')
  const run = await test.admin.call(runRoutes.show, { params: { id } })
  expect(run.projects).toMatchObject([{ name: 'shop', commit }])
  const [leaf] = first.slices.map(({ action }) => action)
  expect(leaf).toMatchObject({
    kind: 'playbook',
    vars: { x: '{{ y }}' },
    source: { blob: run.projects[0]?.sha256 },
  })
  const { tasks } = await test.admin.call(runRoutes.tasks, { params: { id } })
  expect(tasks).toMatchObject([
    {
      index: 0,
      name: 'packages',
      failed: 1,
      changed: 1,
      failures: [{ host: 'web-1', item: 'redis', message: 'no such package' }],
    },
  ])
  await first.stop()
  repository.commit({ 'site.yml': '# nothing is left to play\n' })
  test = await test.restart()
  const blob = run.projects[0]?.sha256 ?? ''
  expect(await test.engine.blobs.get(blob)).toBeUndefined()
  const second = await startFakeController(test.engine, ['default'], () => ({}))
  const again = await test.admin.call(runRoutes.rerun, { params: { id }, body: { which: 'all' } })
  expect(await ended(again.id)).toBe('succeeded')
  expect(second.slices[0]?.action).toEqual(leaf)
  expect(await test.engine.blobs.get(blob)).toBeDefined()
  await second.stop()
})
