import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embeddedEngine } from '@omserver/engine'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createServer } from './server.ts'
import { isLoopback, openTls, requireTls } from './tls.ts'

const now = Date.UTC(2026, 5, 1)
let dataDir: string
beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'om-tls-'))
})
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

const selfMade = (at = now) =>
  openTls({ kind: 'selfMade' }, { dataDir, host: '10.1.2.3', now: () => at })
const given = (certFile: string, keyFile: string, at = now) =>
  openTls({ kind: 'given', certFile, keyFile }, { dataDir, host: 'x', now: () => at })

describe('openTls', () => {
  it('makes a certificate for every name of the machine and keeps it', async () => {
    const made = await selfMade()
    const certificate = new X509Certificate(made.cert)
    for (const ip of ['10.1.2.3', '127.0.0.1']) expect(certificate.checkIP(ip)).toBe(ip)
    expect(certificate.checkHost('localhost')).toBe('localhost')
    expect(made.fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)
    expect(statSync(join(dataDir, 'tls', 'key.pem')).mode & 0o777).toBe(0o600)
    expect((await selfMade()).fingerprint).toBe(made.fingerprint)
  })

  it('makes a new one before the old one ends', async () => {
    const old = await selfMade()
    const later = await selfMade(Date.parse(new X509Certificate(old.cert).validTo) - 86_400_000)
    expect(later.fingerprint).not.toBe(old.fingerprint)
  })

  it('says what is wrong with a given one', async () => {
    await selfMade()
    const cert = join(dataDir, 'tls', 'cert.pem')
    const key = join(dataDir, 'tls', 'key.pem')
    await expect(given('/no/such.pem', key)).rejects.toMatchObject({
      code: 'TLS_FILE_BAD',
      details: { file: '/no/such.pem' },
    })
    await expect(given(cert, key, now + 100 * 365 * 86_400_000)).rejects.toThrow('TLS_FILE_BAD')
    const other = join(dataDir, 'other')
    const foreign = await openTls(
      { kind: 'selfMade' },
      { dataDir: other, host: 'x', now: () => now },
    )
    const foreignKey = join(dataDir, 'foreign.pem')
    writeFileSync(foreignKey, foreign.key)
    await expect(given(cert, foreignKey)).rejects.toThrow('does not belong')
  })
})

describe('requireTls', () => {
  it('lets plain HTTP stay on this machine, unless it is allowed by name', () => {
    for (const host of ['127.0.0.1', '127.0.0.53', '::1', 'localhost']) {
      expect(isLoopback(host)).toBe(true)
      requireTls({ host, tls: false, allowHttp: false })
    }
    for (const host of ['0.0.0.0', '::', '10.0.0.1', 'om.example.com', '127.example.com']) {
      expect(() => requireTls({ host, tls: false, allowHttp: false })).toThrow('TLS_REQUIRED')
      requireTls({ host, tls: true, allowHttp: false })
      requireTls({ host, tls: false, allowHttp: true })
    }
  })

  it('serves HTTPS with HSTS and a Secure cookie', async () => {
    const engine = embeddedEngine()
    const server = await createServer({
      dataDir: join(dataDir, 'server'),
      engine,
      port: 0,
      tls: { kind: 'selfMade' },
      adminPassword: 'correct horse battery',
    })
    const url = await server.listen()
    expect(url).toMatch(/^https:/)
    const { status, headers, fingerprint } = await post(`${url}/api/auth/login`, {
      name: 'admin',
      password: 'correct horse battery',
    })
    expect(status).toBe(200)
    expect(headers['strict-transport-security']).toMatch(/max-age=\d+/)
    expect(headers['set-cookie']?.[0]).toMatch(
      /^__Host-om_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure$/,
    )
    expect(fingerprint).toBe(server.fingerprint)
    await server.close()
    await engine.close()
  })
})

const post = (url: string, body: unknown) =>
  new Promise<{
    status: number | undefined
    headers: import('node:http').IncomingHttpHeaders
    fingerprint: string
  }>((resolve, reject) => {
    const asked = request(
      url,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        rejectUnauthorized: false,
        agent: false,
      },
      (response) => {
        const socket = response.socket as import('node:tls').TLSSocket
        const fingerprint = socket.getPeerCertificate().fingerprint256
        response.resume()
        response.on('end', () =>
          resolve({ status: response.statusCode, headers: response.headers, fingerprint }),
        )
      },
    )
    asked.on('error', reject)
    asked.end(JSON.stringify(body))
  })
