// Starts that cannot be, and what a start leaves behind: port, data folder, database, key file, certificate.

import { generateKeyPairSync, randomBytes } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { request } from 'node:https'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  ADMIN,
  type OmResult,
  type OmServer,
  PASSWORD,
  runOm,
  startOmServer,
} from './support/omserver.ts'
import { makeSmallDisk, smallDiskMissing } from './support/small-disk.ts'

const chinese = { LANG: 'zh_CN.UTF-8', LC_ALL: 'zh_CN.UTF-8' }
let server: OmServer
let folder: string
const running: OmServer[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'om-e2e-trouble-'))
  server = await startOmServer()
  const words = ['credentials', 'add', 'lab', '--type', 'ssh-key', '--user', 'root', '--generate']
  expect((await server.om(words)).stderr).toBe('')
})
afterAll(async () => {
  for (const one of running) await one.remove()
  await server?.remove()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

let made = 0
const fresh = (): string => join(folder, `data-${++made}`)

/** `om up` that is expected to end by itself. */
const up = (dataDir: string, more: readonly string[] = [], env: NodeJS.ProcessEnv = {}) =>
  runOm(['up', '--data', dataDir, '--port', '0', ...more], { home: folder, env, timeoutMs: 30_000 })

const started = async (options: Parameters<typeof startOmServer>[0]): Promise<OmServer> => {
  const one = await startOmServer(options)
  running.push(one)
  return one
}

/** Refused with one message, in words: no stack, no code of the system alone. */
const expectRefused = (result: OmResult, code: number, ...says: readonly string[]): void => {
  expect(result.stderr).not.toMatch(/\n +at /)
  for (const part of says) expect(result.stderr).toContain(part)
  expect(result.stdout).toBe('')
  expect(result.code).toBe(code)
}

const isWell = async (): Promise<boolean> => (await fetch(`${server.url}/api/health`)).ok

describe('a start that is not what was meant', () => {
  test('an empty folder or a weak first password is refused', async () => {
    const empty = await runOm(['up', '--data', '', '--port', '0'], {
      home: folder,
      timeoutMs: 30_000,
    })
    expectRefused(empty, 2, '--data')
    expectRefused(await up(fresh(), ['--modules', '']), 2, '--modules')
    const dataDir = fresh()
    const weak = { OM_ADMIN_PASSWORD: 'x' }
    expectRefused(await up(dataDir, [], weak), 2, 'OM_ADMIN_PASSWORD', '10 characters')
    expectRefused(
      await up(dataDir, [], { ...weak, ...chinese }),
      2,
      'OM_ADMIN_PASSWORD',
      '10 个字符',
    )
    // Once somebody has signed in, the variable counts no more.
    await (await started({ dataDir })).kill()
    await (await started({ dataDir, login: false, env: weak })).kill()
  })

  test('a folder of modules that cannot be used is refused, one that is made is named', async () => {
    const file = join(folder, 'no-folder')
    writeFileSync(file, '')
    expectRefused(await up(fresh(), ['--modules', file]), 3, file, 'MODULES_FOLDER_UNUSABLE')
    const dir = join(folder, 'typo', 'modules')
    const env = { OM_MODULES: dir, OM_NATS_URL: 'nats://engine:4222' }
    const one = await started({ env, login: false })
    expect(one.printed()).toContain(dir)
    expect(one.printed()).toContain('OM_NATS_URL')
    const { dataDir } = one
    await one.kill()
    const again = await started({ dataDir, env: { OM_MODULES: dir }, login: false })
    expect(again.printed()).not.toContain(dir)
    await again.kill()
  })
})

describe('a port that is taken', () => {
  test('is named, with what to do, in both languages; the other server goes on', async () => {
    const port = ['--port', String(server.port)]
    expectRefused(await up(fresh(), port), 3, String(server.port), '--port', 'PORT_TAKEN')
    expectRefused(await up(fresh(), port, chinese), 3, String(server.port), '已被占用', '--port')
    expect(await isWell()).toBe(true)
  })

  test('leaves nothing behind that keeps the next start from being a first start', async () => {
    const dataDir = fresh()
    expect(
      (await up(dataDir, ['--port', String(server.port)], { OM_ADMIN_PASSWORD: '' })).code,
    ).toBe(3)
    const next = await started({ dataDir, login: false, env: { OM_ADMIN_PASSWORD: '' } })
    expect(next.printed()).toMatch(/one-time password (\w{4}-){3}\w{4}/)
  })
})

describe('a data folder', () => {
  test('is used by one server at a time', async () => {
    const { dataDir } = server
    expectRefused(await up(dataDir), 3, dataDir, 'Another OMServer', '--data')
    expectRefused(await up(dataDir, [], chinese), 3, dataDir, '正被另一个 OMServer 使用')
    expect(await isWell()).toBe(true)
    expect((await server.om(['credentials', 'list'])).stdout).toContain('lab')
  })

  test('that is a file, or cannot be made, is named', async () => {
    const file = join(folder, 'a-file')
    writeFileSync(file, 'mine')
    expectRefused(await up(file), 3, file, '--data')
    expectRefused(await up(join(file, 'below')), 3, join(file, 'below'), '--data')
    expectRefused(await up('/proc/omserver', [], chinese), 3, '/proc/omserver', '数据目录')
    expect(readFileSync(file, 'utf8')).toBe('mine')
  })

  test('that cannot be written is named, empty or not', async (context) => {
    const missing = smallDiskMissing()
    context.skip(missing !== undefined, missing)
    const disk = makeSmallDisk(8)
    try {
      disk.protect()
      expectRefused(await up(disk.folder), 3, disk.folder, 'DATA_FOLDER_UNWRITABLE')
    } finally {
      disk.remove()
    }
    const used = makeSmallDisk(8)
    try {
      const first = await startOmServer({ dataDir: used.folder, login: false })
      await first.kill()
      used.protect()
      expectRefused(await up(used.folder), 3, used.folder, 'DATA_FOLDER_UNWRITABLE')
    } finally {
      used.remove()
    }
  })

  test('belongs to the account alone that runs the server', async () => {
    expect(statSync(server.dataDir).mode & 0o077).toBe(0)
    for (const file of ['omserver.db', 'secret.key']) {
      expect(statSync(join(server.dataDir, file)).mode & 0o777, file).toBe(0o600)
    }
  })
})

describe('what lies in the data folder', () => {
  /** The folder of a server with a credential in it, as it lies there when that server is down. */
  const copied = async (): Promise<string> => {
    const dataDir = fresh()
    await server.kill()
    cpSync(server.dataDir, dataDir, { recursive: true })
    const { port } = server
    server = await startOmServer({ dataDir: server.dataDir, port, login: false })
    return dataDir
  }

  test('a database that is none, or half of one, is refused and left as it is', async () => {
    const dataDir = await copied()
    const file = join(dataDir, 'omserver.db')
    const half = Math.floor(statSync(file).size / 2)
    truncateSync(file, half)
    expectRefused(await up(dataDir), 3, file, 'DB_DAMAGED', 'backup')
    expect(statSync(file).size).toBe(half)
    const garbage = 'this is not a database, but long enough to look at '.repeat(100)
    writeFileSync(file, garbage)
    expectRefused(await up(dataDir), 3, file, 'DB_DAMAGED', 'backup')
    expectRefused(await up(dataDir, [], chinese), 3, file, '已损坏', '备份')
    expect(readFileSync(file, 'utf8')).toBe(garbage)
  })

  test('a key file that is open, damaged or gone is refused; with it back, everything is', async () => {
    const dataDir = await copied()
    const file = join(dataDir, 'secret.key')
    const key = readFileSync(file)
    chmodSync(file, 0o644)
    expectRefused(await up(dataDir), 3, file, '0644', `chmod 600 ${file}`)
    chmodSync(file, 0o600)
    writeFileSync(file, 'short')
    expectRefused(await up(dataDir), 3, file, 'KEY_FILE_BAD')
    // A whole key, of another server: whatever is sealed here would not open.
    writeFileSync(file, `${randomBytes(32).toString('base64')}\n`)
    expectRefused(await up(dataDir), 3, file, 'KEY_FILE_BAD')
    rmSync(file)
    expectRefused(await up(dataDir), 3, file, 'KEY_FILE_MISSING')
    expectRefused(await up(dataDir, [], chinese), 3, file, '密钥文件', '备份')
    // Nothing was made in its place: a new key would hide that the old one is missing.
    expect(() => statSync(file)).toThrow('ENOENT')
    writeFileSync(file, key, { mode: 0o600 })
    const again = await started({ dataDir })
    expect((await again.om(['credentials', 'list'])).stdout).toContain('lab')
  })
})

interface Answer {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
}
const getHttps = (url: string, ca?: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    request(url, { ca, agent: false }, (response) => {
      response.resume()
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers }),
      )
    })
      .on('error', reject)
      .end()
  })

describe('beyond loopback', () => {
  test('plain HTTP is refused, however it is asked for, and says how to go on', async () => {
    const dataDir = fresh()
    for (const result of [
      await up(dataDir, ['--host', '0.0.0.0']),
      await up(dataDir, [], { OM_HOST: '0.0.0.0' }),
      await up(dataDir, ['--host', '::']),
    ]) {
      expectRefused(result, 2, '--tls', '--tls-cert', '--allow-http')
    }
    expectRefused(await up(dataDir, ['--host', '0.0.0.0'], chinese), 2, '0.0.0.0', '需要 HTTPS')
    expect(() => statSync(dataDir)).toThrow('ENOENT')
  })

  test('a self-made certificate is compared at the first sign-in, and believed from then on', async () => {
    const secure = await started({ args: ['--host', '0.0.0.0', '--tls'], login: false })
    const url = `https://127.0.0.1:${secure.port}`
    const pem = readFileSync(join(secure.dataDir, 'tls/cert.pem'), 'utf8')
    const fingerprint = /(?:[0-9A-F]{2}:){31}[0-9A-F]{2}/.exec(secure.printed())?.[0] ?? ''
    await expect(getHttps(`${url}/api/health`)).rejects.toThrow(/self-signed/)
    const health = await getHttps(`${url}/api/health`, pem)
    expect(health.status).toBe(200)
    expect(health.headers['strict-transport-security']).toBeDefined()

    const login = (more: readonly string[] = [], at = url) =>
      secure.om(['login', at, '--user', ADMIN, '--password-stdin', ...more], { input: PASSWORD })
    expectRefused(await login(), 3, fingerprint, '--fingerprint')
    const other = fingerprint.replaceAll(/[0-9]/g, '7')
    expectRefused(await login(['--fingerprint', other]), 3, fingerprint, 'another certificate')
    // Whoever compares a fingerprint must not send the password over a connection that has none.
    expectRefused(await login(['--fingerprint', fingerprint], server.url), 2, '--fingerprint')
    expect((await secure.om(['hosts', 'list'])).code).toBe(3)

    expect((await login(['--fingerprint', fingerprint])).stderr).toBe('')
    const hosts = await secure.om(['hosts', 'list'])
    expect(hosts.stderr).toBe('')
    expect(hosts.stdout).toContain('localhost')
    // It stands for the addresses of this machine, too, not for loopback alone.
    const outside = Object.values(networkInterfaces())
      .flatMap((all) => all ?? [])
      .find(({ family, internal }) => family === 'IPv4' && !internal)
    if (outside) {
      const there = await login(
        ['--fingerprint', fingerprint],
        `https://${outside.address}:${secure.port}`,
      )
      expect(there.stderr).toBe('')
    }
    // Programs that bring a token name the authority as every Node program does.
    const byFile = await runOm(['hosts', 'list'], {
      home: folder,
      env: {
        OM_URL: url,
        OM_TOKEN: 'om_none',
        NODE_EXTRA_CA_CERTS: join(secure.dataDir, 'tls/cert.pem'),
      },
    })
    expect(byFile.stderr).toContain('TOKEN_BAD')
    const unknown = await runOm(['hosts', 'list'], {
      home: folder,
      env: { OM_URL: url, OM_TOKEN: 'om_none' },
    })
    expectRefused(unknown, 3, 'om login', 'NODE_EXTRA_CA_CERTS')
  })

  test('a given certificate is shown; one that does not fit is refused with the reason', async () => {
    const from = running.find(({ url }) => url.startsWith('https'))?.dataDir ?? ''
    const pair = { cert: join(from, 'tls/cert.pem'), key: join(from, 'tls/key.pem') }
    const given = (cert: string, key: string) => ['--tls-cert', cert, '--tls-key', key]
    const secure = await started({
      args: ['--host', '0.0.0.0', ...given(pair.cert, pair.key)],
      login: false,
    })
    const answer = await getHttps(
      `https://127.0.0.1:${secure.port}/api/health`,
      readFileSync(pair.cert, 'utf8'),
    )
    expect(answer.status).toBe(200)
    const none = join(folder, 'none.pem')
    expectRefused(await up(fresh(), given(none, pair.key)), 3, none)
    expectRefused(await up(fresh(), given(pair.key, pair.key)), 3, pair.key)
    expectRefused(await up(fresh(), ['--tls-cert', pair.cert]), 2, '--tls-key')
    const foreign = join(folder, 'foreign.pem')
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    writeFileSync(foreign, privateKey.export({ type: 'pkcs8', format: 'pem' }))
    expectRefused(await up(fresh(), given(pair.cert, foreign)), 3, pair.cert, foreign)
  })
})

test('OM_DATA, OM_PORT and OM_HOST say what the options say', async () => {
  const one = await started({ byEnvironment: true, env: { OM_HOST: '127.0.0.2' } })
  expect(one.url).toBe(`http://127.0.0.2:${one.port}`)
  expect(statSync(join(one.dataDir, 'omserver.db')).isFile()).toBe(true)
  expect((await one.om(['hosts', 'list'])).code).toBe(0)
  expectRefused(
    await runOm(['up'], { home: folder, env: { OM_PORT: 'http' }, timeoutMs: 30_000 }),
    2,
    'http',
  )
})

describe('what is served', () => {
  const get = (path: string, accept = 'text/html') =>
    fetch(server.url + path, { headers: { accept } })

  test('every address of a page is the page, under a content policy that runs no foreign script', async () => {
    for (const path of ['/', '/hosts', '/runs/0196-none', '/no/such/page', '/hosts/db.example']) {
      const response = await get(path)
      expect(response.status, path).toBe(200)
      expect(response.headers.get('content-type'), path).toContain('text/html')
      const policy = response.headers.get('content-security-policy') ?? ''
      expect(policy).toContain("default-src 'self'")
      expect(policy).toContain("script-src 'self';")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      const html = await response.text()
      expect(html).toContain('<div id="root">')
      expect(html).not.toMatch(/<script(?![^>]*\bsrc=)/)
    }
  })

  test('an address of the API that is none is a coded 404, also to a browser, never the page', async () => {
    for (const path of ['/api/nope', '/api/', '/api/hosts/a/b/c', '/assets/none.js']) {
      const response = await get(path)
      expect(response.status, path).toBe(404)
      expect(response.headers.get('content-type'), path).toContain('application/json')
      const { error } = (await response.json()) as { error: { code: string } }
      expect(error.code).toBe('NOT_FOUND')
    }
  })

  test('the contract, as OpenAPI 3.1 in which every reference leads somewhere', async () => {
    const response = await get('/api/openapi.json', 'application/json')
    const document = (await response.json()) as Record<string, unknown>
    expect(document['openapi']).toMatch(/^3\.1\./)
    expect(Object.keys(document['paths'] as object)).toContain('/api/runs/{id}/events')
    const text = JSON.stringify(document)
    for (const [, path = ''] of text.matchAll(/"\$ref":"#([^"]+)"/g)) {
      const target = path
        .split('/')
        .slice(1)
        .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document)
      expect(target, path).toBeDefined()
    }
    expect((await get('/api/docs')).headers.get('content-type')).toContain('text/html')
  })
})
