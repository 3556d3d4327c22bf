// Trust across kill -9 at every place: before and after each launch, each change on a host, each switch of the
// credential. It goes on where it was, does nothing twice, and never leaves a host that nothing opens.

import type { RunView } from '@omserver/api'
import { describe, expect, it } from 'vitest'
import { isStored } from '../testing/test-database.ts'
import {
  hostNames,
  password,
  startTrustServer,
  type TrustServer,
  user,
} from './testing/trust-server.ts'

const never = new Promise<never>(() => {})

/** Starts a server, lets `begin` start the work, kills it at the n-th place or the one of that name, opens it again. */
const killedAt = async (
  wanted: number | string,
  prepare: (server: TrustServer) => Promise<void>,
  begin: (server: TrustServer) => Promise<unknown>,
  atKill: (server: TrustServer, place: string) => Promise<void> = async () => {},
): Promise<{ readonly server: TrustServer; readonly place: string | undefined }> => {
  let passed = 0
  let armed = false
  let killed = false
  const reached = Promise.withResolvers<string>()
  const server = await startTrustServer(async (place) => {
    if (!armed) return
    passed += 1
    killed ||= place === wanted || passed === wanted
    if (!killed) return
    reached.resolve(place)
    await never
  })
  await prepare(server)
  armed = true
  const work = (async () => {
    await begin(server)
    await server.settled()
  })()
  const place = await Promise.race([reached.promise, work.then(() => undefined)])
  if (place === undefined) return { server, place }
  await atKill(server, place)
  const again = await startTrustServer(undefined, await server.kill())
  await again.settled()
  return { server: again, place }
}

const runsOf = async (server: TrustServer): Promise<readonly RunView[]> =>
  (await server.runs.reader.list(server.test.admin, {}, { limit: 50 })).items
const states = async (server: TrustServer, run: RunView | undefined) =>
  (await server.runs.reader.allHosts(run?.id ?? '')).map(({ name, state, reason }) =>
    [name, state, reason].join(' '),
  )
const newKey = (server: TrustServer, name: string) =>
  server.credentials.add(server.test.admin, { name, type: 'ssh-key', user, generate: true })
const establish = (server: TrustServer, credential: string) =>
  server.trust.establish(server.test.admin, {
    selector: '*',
    credential,
    user,
    password,
    passwords: {},
  })
const rotate = (server: TrustServer) =>
  server.trust.rotate(server.test.admin, {
    selector: '*',
    from: 'one',
    to: 'two',
    removeOld: true,
  })
const trusted = async (server: TrustServer) => {
  await newKey(server, 'one')
  await newKey(server, 'two')
  await establish(server, 'one')
  await server.settled()
  server.acted.clear()
}
const left = (server: TrustServer) =>
  server.test.services.db.selectFrom('trust_work').selectAll().execute()

describe('a server killed while keys are rotated', () => {
  const places = new Set<string>()

  it('goes on with the rest, wherever it was', { timeout: 240_000 }, async () => {
    for (let nth = 1; ; nth++) {
      const { server, place } = await killedAt(nth, trusted, rotate, async (before, at) => {
        for (const name of hostNames) expect(await before.opens(name), `${name}, ${at}`).toBe(true)
      })
      try {
        await check(server, place ?? 'never')
      } finally {
        await server.close()
      }
      if (place === undefined) break
      places.add(place)
    }
    const everywhere = [
      'before trust.rotate',
      'after trust.rotate was launched',
      'before trust.verify',
      'after trust.verify was launched',
      'before the credential is switched',
      'after the credential was switched',
      'before trust.removeKey',
      'after trust.removeKey was launched',
      ...hostNames.flatMap((name) => [`before ${name} acts`, `after ${name} acted`]),
    ]
    expect([...places].sort()).toEqual(everywhere.sort())
  })

  const check = async (server: TrustServer, place: string) => {
    const one = (await server.credentials.find('one'))?.publicKey ?? ''
    const two = (await server.credentials.find('two'))?.publicKey ?? ''
    expect(await left(server), place).toEqual([])
    const runs = await runsOf(server)
    const count = (module: string) => runs.filter((run) => run.module === module).length
    // Killed before it was launched, the first run was promised to nobody.
    expect(count('trust.rotate'), place).toBe(place === 'before trust.rotate' ? 0 : 1)
    // Hosts may have begun by the time the kill comes: nobody knows whether the key is gone, so it is removed again.
    const begun = /^(before|after) web/.test(place) || place.endsWith('removeKey was launched')
    const again = begun ? 2 : 1
    expect(count('trust.removeKey'), place).toBeLessThanOrEqual(again)
    for (const name of hostNames) {
      const at = `${name}, ${place}`
      expect(await server.opens(name), at).toBe(true)
      const keys = server.keysOf(name)
      const { credentialName } = await server.hosts.show(name)
      // Where the new key was put it is the only one left; else the old one still works.
      expect(keys.includes(one), at).toBe(credentialName === 'one')
      expect(keys.includes(two), at).toBe(credentialName === 'two')
    }
    const { items } = await server.test.activity.list({ what: 'hosts.setCredential' }, { limit: 9 })
    const switched = items.filter(({ after }) => JSON.stringify(after).includes('two'))
    expect(switched.length, place).toBeLessThanOrEqual(1)
  }

  it('ends everything when no host was in flight', async () => {
    const { server, place } = await killedAt(2, trusted, async (one) => {
      await one.withoutController()
      await rotate(one)
    })
    expect(place).toBe('after trust.rotate was launched')
    const runs = await runsOf(server)
    expect(runs.map(({ module, counts }) => [module, counts.ok]).slice(0, 3)).toEqual([
      ['trust.removeKey', 3],
      ['trust.verify', 3],
      ['trust.rotate', 3],
    ])
    await server.close()
  })
})

describe('a server killed while trust is established', () => {
  it('says which hosts to start again, and goes on with the others', async () => {
    const reached = Promise.withResolvers<void>()
    const before = await startTrustServer(async (place) => {
      if (place !== 'after web-2 acted') return
      reached.resolve()
      await never
    })
    await newKey(before, 'one')
    // Its login takes until the server is killed.
    await before.withController((host, slice) =>
      host.name === 'web-3' ? { unstarted: true, until: never } : before.behave(host, slice),
    )
    await establish(before, 'one')
    await reached.promise
    const [first] = await runsOf(before)
    await hostEnded(before, first?.id ?? '', 'web-1')
    const server = await startTrustServer(undefined, await before.kill())
    await server.settled()
    const runs = await runsOf(server)
    expect(runs.map(({ module }) => module)).toEqual(['trust.verify', 'trust.establish'])
    expect(await states(server, runs[1])).toEqual([
      'web-1 ok ',
      'web-2 lost controllerLost',
      'web-3 skipped loginForgotten',
    ])
    // The key was put on web-2 before nobody heard of it any more: logging in shows that.
    expect(await states(server, runs[0])).toEqual(['web-1 ok ', 'web-2 ok '])
    expect(await server.opens('web-1')).toBe(true)
    expect(await server.opens('web-2')).toBe(true)
    expect((await server.hosts.show('web-3')).credentialName).toBeNull()
    expect(await isStored(server.test.services.dataDir, password)).toBe(false)
    // Started again for that host, it is done.
    await server.trust.establish(server.test.admin, {
      selector: 'web-3',
      credential: 'one',
      user,
      password,
      passwords: {},
    })
    await server.settled()
    expect(await server.opens('web-3')).toBe(true)
    await server.close()
  })
})

const hostEnded = async (server: TrustServer, runId: string, name: string) => {
  const events = await server.runs.watch(server.test.admin, runId, {
    after: 0,
    output: new Set(),
    form: 'each',
    signal: new AbortController().signal,
  })
  for await (const { data } of events) {
    const event = data as { type?: string; result?: { name: string } } | undefined
    if (event?.type === 'host.ended' && event.result?.name === name) return
  }
}

it('keeps the old key when the new credential was given another one meanwhile', async () => {
  const { server } = await killedAt('before trust.removeKey', trusted, rotate, async (before) => {
    const two = await before.credentials.find('two')
    const other = await newKey(before, 'other')
    const { privateKey } = await before.credentials.login(other.id)
    await before.credentials.change(before.test.admin, two?.id ?? '', {
      key: privateKey?.reveal() ?? '',
    })
  })
  const one = await server.credentials.find('one')
  for (const name of hostNames) expect(server.keysOf(name)).toContain(one?.publicKey)
  expect((await runsOf(server)).filter(({ module }) => module === 'trust.removeKey')).toEqual([])
  expect(await left(server)).toEqual([])
  await server.close()
})
