// Where the command line's account comes from: the environment, the file, or nowhere.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readAccount } from './account.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'om-account-'))
  mkdirSync(join(folder, 'omserver'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const stored = (text: string): void => writeFileSync(join(folder, 'omserver/account.json'), text)
const read = (more: NodeJS.ProcessEnv = {}) => readAccount({ XDG_CONFIG_HOME: folder, ...more })
const account = JSON.stringify({ url: 'http://127.0.0.1:8640', token: 't1', user: 'ops' })

test('the stored token goes to its own server, however that is spelled, and to no other', async () => {
  stored(account)
  expect((await read({ OM_URL: 'http://127.0.0.1:8640/' })).token).toBe('t1')
  expect((await read({ OM_URL: 'http://127.0.0.2:8640' })).token).toBeUndefined()
})

test('a damaged file is like none', async () => {
  stored('{"url": "http://127')
  expect(await read()).toEqual({})
})

test('an address that is none is refused before anything is sent', async () => {
  await expect(read({ OM_URL: 'prod', OM_TOKEN: 't' })).rejects.toMatchObject({ exitCode: 2 })
})
