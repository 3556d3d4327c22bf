// The file library over HTTP: content once, versions, limits, uploads that break off, and what a run needs of it.

import { hash } from 'node:crypto'
import { connect } from 'node:net'
import { fileRoutes, hostRoutes, runRoutes, settingsRoutes, userRoutes } from '@omserver/api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../testing/test-server.ts'

const MiB = 1024 * 1024
let test: TestServer
beforeAll(async () => {
  test = await startTestServer()
})
afterAll(() => test.close())

const put = (name: string, content: string | Uint8Array<ArrayBuffer>, client = test.admin) =>
  client.upload(fileRoutes.put, { params: { name }, query: {} }, new Blob([content]))

const bytes = (length: number, seed: number): Uint8Array<ArrayBuffer> => {
  const made = new Uint8Array(length)
  for (let at = 0; at < length; at++) made[at] = (at * 31 + (at >> 9) * 7 + seed) & 255
  return made
}

const stored = async () => {
  const { items } = await test.admin.call(fileRoutes.list, {})
  return items.map(({ name, version, versions }) => ({ name, version, versions }))
}

describe('content', () => {
  it('comes back byte by byte, whatever its length', async () => {
    for (const length of [0, 1, 512 * 1024, 512 * 1024 + 1, 5 * MiB + 17]) {
      const content = bytes(length, 1)
      const added = await put(`of-${length}`, content)
      expect(added).toMatchObject({
        size: length,
        hash: hash('sha256', content, 'hex'),
        version: 1,
      })
      const answer = await test.admin.file(fileRoutes.content, {
        params: { name: `of-${length}` },
        query: {},
      })
      expect(answer.headers.get('content-length')).toBe(String(length))
      expect(Buffer.from(await answer.arrayBuffer()).equals(content)).toBe(true)
    }
  })

  it('is a new version only when it is new, and old versions stay', async () => {
    await put('app.conf', 'a=1')
    expect(await put('app.conf', 'a=1')).toMatchObject({ version: 1 })
    expect(await put('app.conf', 'a=2', test.operator)).toMatchObject({
      version: 2,
      addedBy: 'operator',
    })
    expect(await put('app.conf', 'a=1')).toMatchObject({ version: 3 })
    const { items } = await test.admin.call(fileRoutes.versions, { params: { name: 'app.conf' } })
    expect(items.map(({ version }) => version)).toEqual([3, 2, 1])
    const second = await test.admin.file(fileRoutes.content, {
      params: { name: 'app.conf' },
      query: { version: 2 },
    })
    expect(await second.text()).toBe('a=2')
    const params = { name: 'app.conf' }
    await test.admin.call(fileRoutes.remove, { params, query: { version: 1 } })
    // The same content is still that of version 3.
    const third = await test.admin.file(fileRoutes.content, { params, query: {} })
    expect(await third.text()).toBe('a=1')
    await test.admin.call(fileRoutes.remove, { params, query: {} })
    await expect(test.admin.call(fileRoutes.versions, { params })).rejects.toMatchObject({
      code: 'FILE_UNKNOWN',
    })
  })
})

describe('what is refused leaves nothing', () => {
  it('above the limit of the settings', async () => {
    const before = await stored()
    await test.admin.call(settingsRoutes.change, { body: { fileMaxBytes: 1_000_000 } })
    await expect(put('large', bytes(1_000_001, 2))).rejects.toMatchObject({
      code: 'FILE_TOO_LARGE',
      details: { limit: 1_000_000 },
    })
    const unannounced = new ReadableStream<Uint8Array>({
      pull: (to) => to.enqueue(bytes(100_000, 3)),
    })
    await expect(
      test.admin.upload(fileRoutes.put, { params: { name: 'endless' }, query: {} }, unannounced),
    ).rejects.toThrow()
    await test.admin.call(settingsRoutes.change, { body: { fileMaxBytes: 2_000_000_000 } })
    expect(await stored()).toEqual(before)
  })

  it('when the sender goes away in the middle', async () => {
    const before = await stored()
    const token = await test.admin.call(userRoutes.addToken, {
      body: { name: 'upload', expiresInDays: null },
    })
    const { hostname, port } = new URL(test.url)
    const socket = connect(Number(port), hostname)
    socket.write(
      `PUT /api/files/half HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token.token}\r\n` +
        'Content-Type: application/octet-stream\r\nContent-Length: 4000000\r\n\r\n',
    )
    socket.write(bytes(3_000_000, 4), () => socket.destroy())
    await new Promise((closed) => socket.once('close', closed))
    // Whole pieces had been stored: they are gone when the same can be put, and nothing but it is there.
    expect(await put('half', 'whole')).toMatchObject({ version: 1, size: 5 })
    expect(await stored()).toEqual(
      [...before, { name: 'half', version: 1, versions: 1 }].sort((a, b) =>
        a.name < b.name ? -1 : 1,
      ),
    )
  })

  it('names that are paths, other media types, and people who may not', async () => {
    await expect(put('../etc', 'x')).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    await expect(put('x', 'x', test.viewer)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(put('x', 'x', test.stranger)).rejects.toMatchObject({ code: 'NOT_SIGNED_IN' })
    await expect(test.viewer.call(fileRoutes.list, {})).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })
})

describe('a run that copies a file', () => {
  it('takes what is there at its launch into the engine, and holds it until it has ended', async () => {
    await test.admin.call(hostRoutes.add, {
      body: { name: 'h-1', address: '10.9.0.1', driver: 'ssh', labels: {} },
    })
    await put('motd', 'first')
    const launch = (params: Record<string, string>) =>
      test.admin.call(runRoutes.launch, {
        body: { module: 'copy', selector: 'h-1', params: { dest: '/etc/motd', ...params } },
      })
    await expect(launch({ src: 'no-such' })).rejects.toMatchObject({ code: 'FILE_UNKNOWN' })
    const run = await launch({ src: 'motd' })
    await put('motd', 'second')
    const first = hash('sha256', 'first', 'hex')
    await expect
      .poll(async () => Buffer.from((await test.engine.blobs.get(first)) ?? []).toString())
      .toBe('first')
    const params = { name: 'motd' }
    await expect(test.admin.call(fileRoutes.remove, { params, query: {} })).rejects.toMatchObject({
      code: 'FILE_IN_USE',
      details: { runs: run.id },
    })
    await test.admin.call(fileRoutes.remove, { params, query: { version: 2 } })
    await test.admin.call(runRoutes.abort, { params: { id: run.id } })
    await expect.poll(() => test.engine.blobs.get(first)).toBeUndefined()
    await test.admin.call(fileRoutes.remove, { params, query: {} })
    await expect(
      test.admin.call(runRoutes.rerun, { params: { id: run.id }, body: { which: 'all' } }),
    ).rejects.toMatchObject({ code: 'FILE_GONE', details: { file: 'motd v1' } })
  })
})
