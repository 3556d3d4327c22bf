// A credential is read once for hosts in flight together, and never kept longer than that or than a second.

import { describe, expect, it } from 'vitest'
import type { Login } from './login.ts'
import { createRunLogins } from './run-logins.ts'

const login = (identity: string): Login => ({
  identity,
  user: 'root',
  how: 'the key of user root',
  holdsKey: true,
  methods: () => () => undefined,
})

const setUp = () => {
  let reads = 0
  let now = 0
  let broken = false
  const logins = createRunLogins(
    (id) => {
      reads++
      return broken ? Promise.reject(new Error('no')) : Promise.resolve(login(`${id}:${reads}`))
    },
    { now: () => now, monotonic: () => now },
  )
  return {
    logins,
    reads: () => reads,
    wait: (ms: number) => {
      now += ms
    },
    breakDown: (is: boolean) => {
      broken = is
    },
  }
}

describe('what the hosts of a run log in with', () => {
  it('is read once for all that are in flight together, however many', async () => {
    const { logins, reads } = setUp()
    for (let n = 0; n < 100; n++) logins.enter('run')
    const all = await Promise.all(Array.from({ length: 100 }, () => logins.of('run', 'c')))
    expect(reads()).toBe(1)
    expect(new Set(all).size).toBe(1)
  })

  it('is read anew by every run', async () => {
    const { logins, reads } = setUp()
    for (const run of ['one', 'two']) {
      logins.enter(run)
      await logins.of(run, 'c')
    }
    expect(reads()).toBe(2)
  })

  it('is forgotten with the last host in flight', async () => {
    const { logins, reads } = setUp()
    logins.enter('run')
    logins.enter('run')
    await logins.of('run', 'c')
    logins.leave('run')
    await logins.of('run', 'c')
    expect(reads()).toBe(1)
    logins.leave('run')
    logins.enter('run')
    await logins.of('run', 'c')
    expect(reads()).toBe(2)
  })

  it('is read anew after a second, in the middle of a long run', async () => {
    const { logins, reads, wait } = setUp()
    logins.enter('run')
    await logins.of('run', 'c')
    wait(999)
    await logins.of('run', 'c')
    expect(reads()).toBe(1)
    wait(1)
    await logins.of('run', 'c')
    expect(reads()).toBe(2)
  })

  it('is asked for again after it could not be read', async () => {
    const { logins, breakDown } = setUp()
    logins.enter('run')
    breakDown(true)
    await expect(logins.of('run', 'c')).rejects.toThrow('no')
    breakDown(false)
    expect(await logins.of('run', 'c')).toMatchObject({ identity: 'c:2' })
  })
})
