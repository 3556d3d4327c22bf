// Projects from real folders and real Git repositories: what is read, and what is refused.

import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { credentialService } from '../credentials/service.ts'
import { startServices, type TestServices } from '../testing/test-services.ts'
import { type ProjectService, projectService } from './service.ts'
import { serveRepository } from './testing/git-http.ts'
import { codeOf, wordsOf } from './testing/refusals.ts'
import { contentOf, makeRepository, type Repository, site, unpacked } from './testing/repository.ts'

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

const addFolder = (name = 'shop') => projects.add(test.admin, { name, path: repository.folder })
const addGit = (more: { ref?: string; credential?: string } = {}, name = 'shop') =>
  projects.add(test.admin, { name, url: repository.folder, ...more })

describe('a project from a folder', () => {
  it('says what can be played, and packs what is there: the same bytes give the same archive', async () => {
    repository.write({
      'site.yml': site,
      'plays/deploy.yaml': `---\n- name: deploy\n  hosts: web\n`,
      'plays/all.yml': '- import_playbook: deploy.yaml\n',
      'roles/web/tasks/main.yml': '- name: x\n  hosts: not a play\n',
      'group_vars/all.yml': 'hosts: none\n',
      'requirements.yml': 'collections: []\n',
      'run.sh': 'true\n',
    })
    repository.git('add', '--all')
    chmodSync(join(repository.folder, 'run.sh'), 0o750)
    symlinkSync('../group_vars/all.yml', join(repository.folder, 'plays/vars.yml'))
    const long = `${'deep/'.repeat(30)}名称.txt`
    repository.write({ [long]: '内容' })
    const project = await addFolder()
    expect(project).toMatchObject({
      kind: 'folder',
      path: repository.folder,
      commit: null,
      playbooks: ['plays/all.yml', 'plays/deploy.yaml', 'site.yml'],
      requirements: true,
      trouble: null,
    })
    const { archive, hash } = await projects.read('shop')
    expect(hash).toBe(project.sha256)
    const list = unpacked(archive)
    expect(list).toHaveLength(project.files)
    expect(list.join('\n')).not.toContain('.git/')
    expect(list.find((line) => line.endsWith(' run.sh'))).toMatch(/^-rwxr-xr-x root\/root +5 /)
    expect(list.find((line) => line.includes('vars.yml'))).toMatch(
      /^l.* plays\/vars.yml -> \.\.\/group_vars\/all.yml$/,
    )
    expect(contentOf(archive, long)).toBe('内容')
    writeFileSync(join(repository.folder, 'site.yml'), site)
    expect((await projects.read('shop')).hash).toBe(hash)
    writeFileSync(join(repository.folder, 'site.yml'), `${site}#\n`)
    expect((await projects.read('shop')).hash).not.toBe(hash)
  })

  it('refuses by name what leaves the folder, and what is not a file', async () => {
    repository.write({ 'site.yml': site, 'a/b/x': '' })
    const links: readonly (readonly [string, string, boolean])[] = [
      ['up', '../secrets', false],
      ['root', '/etc/passwd', false],
      ['a/b/far', '../../../secrets', false],
      ['late', 'a/../../secrets', false],
      ['near', 'a/b/x', true],
      ['a/b/back', '../../site.yml', true],
    ]
    for (const [path, target, fine] of links) {
      symlinkSync(target, join(repository.folder, path))
      if (fine)
        await projects.add(test.admin, { name: path.replaceAll('/', '-'), path: repository.folder })
      else {
        expect(await wordsOf(addFolder())).toBe(
          `PROJECT_LINK: The symbolic link ${path} leaves the project (it points to ${target}); nothing was packed.`,
        )
      }
      rmSync(join(repository.folder, path))
    }
    execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', join(repository.folder, 'a/pipe')])
    expect(await wordsOf(addFolder())).toContain(
      'a/pipe in the project is not a plain file (a named pipe)',
    )
    rmSync(join(repository.folder, 'a/pipe'))
    const server = createServer().listen(join(repository.folder, 'a/socket'))
    await new Promise((done) => server.once('listening', done))
    expect(await wordsOf(addFolder())).toContain(
      'a/socket in the project is not a plain file (a socket)',
    )
    await new Promise((done) => server.close(done))
    expect((await projects.list()).map(({ name }) => name)).toEqual(['a-b-back', 'near'])
  })

  it('takes no folder that is not there, is none, or holds what OMServer keeps', async () => {
    const { dataDir } = test.services
    repository.write({ 'site.yml': site })
    const inside = join(dataDir, 'x')
    mkdirSync(inside)
    for (const path of [
      'relative',
      '/no/such/folder',
      join(repository.folder, 'site.yml'),
      dataDir,
      inside,
      '/',
    ]) {
      expect(await codeOf(projects.add(test.admin, { name: 'p', path })), path).toBe(
        'PROJECT_PATH_BAD',
      )
    }
    expect(await projects.list()).toEqual([])
  })

  it('needs one place, and a name of its own', async () => {
    repository.commit({ 'site.yml': site })
    const add = (place: object) => projects.add(test.admin, { name: 'shop', ...place })
    expect(await codeOf(add({}))).toBe('PROJECT_PLACE')
    expect(await codeOf(add({ path: repository.folder, url: repository.folder }))).toBe(
      'PROJECT_PLACE',
    )
    expect(await codeOf(add({ path: repository.folder, ref: 'main' }))).toBe('PROJECT_PLACE')
    await addFolder()
    expect(await codeOf(addGit())).toBe('PROJECT_EXISTS')
  })
})

describe('a project from Git', () => {
  it('is the commit that its branch, tag or commit names now', async () => {
    const first = repository.commit({ 'site.yml': site })
    repository.git('tag', '--annotate', 'v1', '--message=v1')
    const second = repository.commit({ 'site.yml': site, 'more.yml': site })
    repository.git('checkout', '--quiet', '-b', 'next')
    const third = repository.commit({ 'next.yml': site })
    repository.git('checkout', '--quiet', 'main')
    const commitOf = async (ref: string | undefined, name: string) =>
      (await addGit(ref === undefined ? {} : { ref }, name)).commit
    expect(await commitOf(undefined, 'head')).toBe(second)
    expect(await commitOf('main', 'branch')).toBe(second)
    expect(await commitOf('next', 'next')).toBe(third)
    expect(await commitOf('v1', 'tag')).toBe(first)
    expect(await commitOf(first, 'commit')).toBe(first)
    expect(await commitOf(first.slice(0, 10), 'short')).toBe(first)
    expect(await wordsOf(addGit({ ref: 'nope' }))).toBe(
      `PROJECT_REF_UNKNOWN: The Git repository ${repository.folder} has no branch, tag or commit nope.`,
    )
    const moved = repository.commit({ 'site.yml': `${site}#\n` })
    expect(await projects.refresh(test.admin, 'branch')).toMatchObject({ commit: moved })
    expect(await projects.refresh(test.admin, 'commit')).toMatchObject({ commit: first })
    expect(await projects.change(test.admin, 'branch', { ref: 'v1' })).toMatchObject({
      ref: 'v1',
      commit: first,
      playbooks: ['site.yml'],
    })
    const { items } = await test.activity.list({ what: 'projects' }, { limit: 100 })
    expect(new Set(items.map(({ what }) => what))).toEqual(
      new Set(['projects.add', 'projects.refresh', 'projects.change']),
    )
  })

  it('packs what is committed, as a folder of the same files would be', async () => {
    repository.commit({ 'site.yml': site, 'files/数据.bin': '\u0000\u0001' })
    chmodSync(join(repository.folder, 'site.yml'), 0o755)
    symlinkSync('site.yml', join(repository.folder, 'main.yml'))
    repository.commit({})
    const git = await addGit({}, 'git')
    const folder = await addFolder('folder')
    expect(git.sha256).toBe(folder.sha256)
    repository.write({ 'uncommitted.yml': site })
    expect((await projects.refresh(test.admin, 'git')).sha256).toBe(git.sha256)
  })

  it('refuses links that leave it, and submodules, by name', async () => {
    repository.commit({ 'site.yml': site })
    symlinkSync('/etc/passwd', join(repository.folder, 'passwd'))
    repository.commit({})
    expect(await wordsOf(addGit())).toContain('The symbolic link passwd leaves the project')
    rmSync(join(repository.folder, 'passwd'))
    const other = repository.commit({})
    repository.git('update-index', '--add', '--cacheinfo', `160000,${other},roles/shared`)
    repository.git('commit', '--quiet', '--message=module')
    expect(await wordsOf(addGit())).toContain(
      'roles/shared in the project is not a plain file (a Git submodule)',
    )
  })

  it('that cannot be reached says so, with the commit that was known last, and keeps what it was', async () => {
    const known = repository.commit({ 'site.yml': site })
    const added = await addGit()
    const away = `${repository.folder}-away`
    renameSync(repository.folder, away)
    try {
      const words = await wordsOf(projects.refresh(test.admin, 'shop'))
      expect(words).toMatch(
        /^PROJECT_UNREACHABLE: .*does not (appear to be a git repository|exist)/,
      )
      expect(words).toContain(`Last known commit: ${known}.`)
      const shown = await projects.show('shop')
      expect(shown).toMatchObject({ commit: known, sha256: added.sha256 })
      expect(shown.trouble?.text.zh).toContain(known)
    } finally {
      renameSync(away, repository.folder)
    }
    expect(await projects.refresh(test.admin, 'shop')).toMatchObject({ trouble: null })
  })

  it('that says nothing is given up in time', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1')
    await new Promise((done) => silent.once('listening', done))
    const address = silent.address()
    const port = typeof address === 'object' ? address?.port : 0
    const hasty = projectService(test.services, {
      credentials: credentialService(test.services),
      gitDeadlineMs: 1_000,
    })
    const url = `git://127.0.0.1:${port}/x.git`
    expect(await wordsOf(hasty.add(test.admin, { name: 'slow', url }))).toContain(
      'no answer within 1 s',
    )
    silent.close()
  })

  it('takes no address that runs a program, and none with a password in it', async () => {
    const bad = [
      'ext::sh -c touch% /tmp/owned',
      'https://ops:hunter2@git.example.com/x.git',
      '--upload-pack=touch /tmp/owned',
      'relative/path',
      'ftp://git.example.com/x',
    ]
    for (const url of bad) {
      expect(await codeOf(projects.add(test.admin, { name: 'p', url })), url).toBe(
        'PROJECT_URL_BAD',
      )
    }
    expect(existsSync('/tmp/owned')).toBe(false)
    const { items } = await test.activity.list({}, { limit: 10 })
    expect(JSON.stringify(items)).not.toContain('hunter2')
  })

  it('opens one with a credential, whose password is in no address, no message and no process list', async () => {
    const password = 'hunter2 很长 "$(id)"'
    const commit = repository.commit({ 'site.yml': site })
    const served = await serveRepository(repository.folder, password)
    const credentials = credentialService(test.services)
    const url = `http://127.0.0.1:${served.port}/.git`
    try {
      const closed = await wordsOf(projects.add(test.admin, { name: 'shop', url }))
      expect(closed).toMatch(
        /^PROJECT_UNREACHABLE: .*(could not read Username|Authentication failed)/,
      )
      const of = { type: 'password', user: 'ops' } as const
      await credentials.add(test.admin, { name: 'wrong', ...of, password: 'not it' })
      const wrong = projects.add(test.admin, { name: 'shop', url, credential: 'wrong' })
      expect(await wordsOf(wrong)).toContain('Authentication failed')
      await credentials.add(test.admin, { name: 'git', ...of, password })
      const added = await projects.add(test.admin, { name: 'shop', url, credential: 'git' })
      expect(added).toMatchObject({ commit, url, credential: 'git' })
      expect(new Set(served.seen)).toEqual(new Set(['ops:not it', `ops:${password}`]))
    } finally {
      served.close()
    }
    const { items } = await test.activity.list({}, { limit: 10 })
    expect(JSON.stringify([items, await projects.list()])).not.toContain('hunter2')
    const left = ['-rl', 'hunter2', join(test.services.dataDir, 'projects')]
    expect(() => execFileSync('grep', left)).toThrow()
  })

  it('runs no hook, and reads nobody’s configuration', async () => {
    repository.commit({ 'site.yml': site })
    const mark = join(repository.folder, 'ran')
    const template = join(test.services.dataDir, 'projects')
    mkdirSync(template, { recursive: true })
    await addGit()
    const [copy] = (await projects.list()).map(({ id }) => join(template, `${id}.git`))
    if (copy === undefined) throw new Error('there is no copy')
    mkdirSync(join(copy, 'hooks'), { recursive: true })
    for (const hook of ['reference-transaction', 'post-update', 'fsmonitor']) {
      writeFileSync(join(copy, 'hooks', hook), `#!/bin/sh\ntouch ${mark}\n`, { mode: 0o755 })
    }
    repository.commit({ 'site.yml': `${site}#\n` })
    await projects.refresh(test.admin, 'shop')
    expect(existsSync(mark)).toBe(false)
  })

  it('gives its copy and its credential back when it goes', async () => {
    repository.commit({ 'site.yml': site })
    await credentialService(test.services).add(test.admin, {
      name: 'git',
      type: 'password',
      user: 'ops',
      password: 'hunter2 很长',
    })
    await addGit({ credential: 'git' })
    expect(await projects.show('shop')).toMatchObject({ credential: 'git' })
    const folder = join(test.services.dataDir, 'projects')
    const left = execFileSync('find', [folder, '-name', 'login-*'], { encoding: 'utf8' })
    expect(left).toBe('')
    await projects.remove(test.admin, 'shop')
    expect(execFileSync('find', [folder, '-name', '*.git'], { encoding: 'utf8' })).toBe('')
    expect(await codeOf(projects.show('shop'))).toBe('PROJECT_UNKNOWN')
  })
})
