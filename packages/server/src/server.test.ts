import { authRoutes, settingsRoutes, userRoutes } from '@omserver/api'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestServer, type TestServer } from './testing/test-server.ts'

let test: TestServer
beforeAll(async () => {
  test = await startTestServer()
})
afterAll(() => test.close())

it('starts, knows its people, and says how it is', async () => {
  expect(await test.admin.call(authRoutes.me, {})).toMatchObject({ name: 'admin', role: 'admin' })
  expect(await test.stranger.call(settingsRoutes.health, {})).toMatchObject({ status: 'ok' })
  await expect(test.viewer.call(userRoutes.list, {})).rejects.toMatchObject({ code: 'FORBIDDEN' })
})
