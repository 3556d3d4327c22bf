// The check of advisories against a registry that knows one, one that refuses, and none at all.

import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, expect, test, vi } from 'vitest'

// npm alone takes seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

let registry: Server | undefined
// npm keeps what it was told.
const cache = mkdtempSync(join(tmpdir(), 'om-npm-'))
afterEach(() => {
  rmSync(cache, { recursive: true, force: true })
  registry?.close()
  registry = undefined
})

type Answer = (asked: Record<string, string[]>) => unknown

/** Answers to the question about advisories as `answer` says, and has no package. */
const start = async (answer: Answer | number): Promise<string> => {
  registry = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    if (typeof answer === 'number' || request.method !== 'POST') {
      response.writeHead(typeof answer === 'number' ? answer : 404).end('{}')
      return
    }
    const body = Buffer.concat(parts)
    const asked = JSON.parse(
      String(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body),
    )
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify(answer(asked)))
  }).listen(0, '127.0.0.1')
  await once(registry, 'listening')
  return `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`
}

const check = (url: string): Promise<{ code: number; said: string }> =>
  new Promise((done) => {
    const env = {
      ...process.env,
      npm_config_registry: url,
      npm_config_cache: cache,
      LC_ALL: 'en_US.UTF-8',
    }
    execFile(
      process.execPath,
      [join(import.meta.dirname, 'advisories.ts')],
      { env },
      (error, stdout, stderr) =>
        done({ code: error ? Number(error.code) : 0, said: `${stdout}${stderr}` }),
    )
  })

const advisoryOn =
  (name: string, severity: string): Answer =>
  (asked) =>
    name in asked
      ? {
          [name]: [
            {
              id: 1,
              url: 'https://advisories.example/1',
              title: 'Everybody may do anything',
              severity,
              vulnerable_versions: '*',
              cwe: [],
              cvss: { score: 9, vectorString: null },
            },
          ],
        }
      : {}

test('a high advisory on a package that a release needs fails, and is named', async () => {
  const { code, said } = await check(await start(advisoryOn('fastify', 'high')))
  expect(said).toMatch(/high +fastify +Everybody may do anything https:\/\/advisories\.example\/1/)
  expect(code).toBe(1)
})

test('one of lesser weight is shown and fails nothing', async () => {
  const { code, said } = await check(await start(advisoryOn('fastify', 'moderate')))
  expect(said).toMatch(/moderate +fastify/)
  expect(code).toBe(0)
})

test('what only developers need is not asked for', async () => {
  const { code, said } = await check(await start(advisoryOn('vitest', 'critical')))
  expect([code, said.trim()]).toEqual([
    0,
    'Known advisories in what a release needs: 0, high or critical: 0.',
  ])
})

test('a registry that refuses to say, or cannot be reached, is told plainly and fails nothing', async () => {
  for (const url of [await start(405), 'http://127.0.0.1:9/']) {
    const { code, said } = await check(url)
    expect(said).toContain('NOT checked')
    expect(code).toBe(0)
  }
})
