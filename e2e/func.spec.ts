// Func from the command line: an endpoint is registered, calls and commands run on what stands in for funcd, survive a
// kill of OMServer, and go through func-transmit on a real sshd.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { missingTools, needs } from '../scripts/needs.ts'
import { type TestCertmaster, testCertmaster } from './support/func/certificates.ts'
import { type Funcd, startFuncd } from './support/func/funcd.ts'
import { type OmServer, startOmServer } from './support/omserver.ts'
import { type Sshd, startSshd } from './support/sshd.ts'

const folder = mkdtempSync(join(tmpdir(), 'om-e2e-func-'))
const path = (name: string): string => join(folder, name)
let server: OmServer
let certmaster: TestCertmaster
let funcd: Funcd
let sshd: Sshd

/** What func-transmit does, with the library that it uses: Python's own XML-RPC. */
const funcTransmit = (port: number): string => `#!/usr/bin/env python3
import json, ssl, sys, xmlrpc.client
assert sys.argv[1:] == ['--json']
asked = json.load(sys.stdin)
context = ssl.create_default_context(cafile='${path('ca.pem')}')
context.check_hostname = False
context.load_cert_chain('${path('cert.pem')}', '${path('key.pem')}')
funcd = xmlrpc.client.ServerProxy('https://127.0.0.1:${port}/RPC2', context=context, allow_none=True)
def text(value):
    if isinstance(value, xmlrpc.client.Binary): return value.data.decode()
    return [text(one) for one in value] if isinstance(value, list) else value
try:
    answer = text(getattr(funcd, asked['module'] + '.' + asked['method'])(*asked['parameters']))
except Exception as error:
    answer = ['REMOTE_ERROR', type(error).__name__, str(error), '']
json.dump({asked['clients']: answer}, sys.stdout)
`

beforeEach((context) => needs(context, 'sshd', 'python3'))
beforeAll(async () => {
  if (missingTools(['sshd', 'python3']).length > 0) return
  certmaster = testCertmaster()
  writeFileSync(path('ca.pem'), certmaster.ca)
  writeFileSync(path('cert.pem'), certmaster.pair.cert)
  writeFileSync(path('key.pem'), certmaster.pair.key)
  const pair = certmaster.issue('m1', { alternative: 'DNS:m1,DNS:m2' })
  funcd = await startFuncd({ ca: certmaster.ca, pair })
  writeFileSync(path('func-transmit'), funcTransmit(funcd.port), { mode: 0o755 })
  sshd = await startSshd({ config: [`SetEnv HOME=${folder} PATH=${folder}:/usr/bin:/bin`] })
  server = await startOmServer()
  writeFileSync(path('login'), sshd.key.privateKey, { mode: 0o600 })
  const login = ['--type', 'ssh-key', '--user', sshd.user, '--file', path('login')]
  const port = String(funcd.port)
  for (const words of [
    ['credentials', 'add', 'lab', ...login],
    [
      'hosts',
      'add',
      'o1',
      '--address',
      sshd.address(0),
      '--port',
      String(sshd.port),
      '--credential',
      'lab',
    ],
    ['hosts', 'add', 'm1', '--address', '127.0.0.1', '--port', port, '--driver', 'func'],
    ['hosts', 'add', 'm2', '--address', '192.0.2.1', '--driver', 'func', '--label', 'idc=old'],
    ['hosts', 'add', 'm9', '--address', '127.0.0.1', '--port', port, '--driver', 'func'],
  ]) {
    const done = await server.om(words)
    expect(done.stderr).toBe('')
  }
}, 120_000)
afterAll(async () => {
  await server?.remove()
  await sshd?.stop()
  await funcd?.stop()
  certmaster?.close()
  rmSync(folder, { recursive: true, force: true })
})

const keys = () => ['--ca', path('ca.pem'), '--cert', path('cert.pem'), '--key', path('key.pem')]
const outputOf = async (runId: unknown, host: string): Promise<string> =>
  (await server.om(['runs', 'output', String(runId), '--host', host])).stdout

const run = async (...words: string[]) => {
  const done = await server.om(['run', ...words, '--json'])
  const events = done.events()
  return { code: done.code, last: events.at(-1) ?? {}, text: done.stdout }
}

test('a host without an endpoint is refused, and with one it answers', async () => {
  const refused = await server.om(['run', 'func.call', '-p', 'function=test.ping', '-t', 'm1'])
  expect(refused.code).toBe(2)
  expect((await server.om(['drivers', 'add', 'func', 'site', ...keys()])).stderr).toBe('')
  const added = await run('func.call', '-p', 'function=test.add', '-p', 'args=[1,2]', '-t', 'm1')
  expect([added.code, added.last['status']]).toEqual([0, 'succeeded'])
  expect(await outputOf(added.last['id'], 'm1')).toContain('3')
  const shell = await run('shell', '-p', 'command=echo hello; echo wrong >&2; exit 3', '-t', 'm1')
  expect([shell.code, shell.last['status']]).toEqual([1, 'failed'])
  expect(await outputOf(shell.last['id'], 'm1')).toContain('hello')
  expect(shell.text).toContain('"exit":3')
})

test('what fails says why: an exception, and a certificate of another name', async () => {
  const thrown = await run('func.call', '-p', 'function=test.explode', '-t', 'm1')
  expect(thrown.text).toMatch(/ZeroDivisionError: integer division.*test\.py:41/)
  const other = await run('shell', '-p', 'command=true', '-t', 'm9')
  expect(other.text).toMatch(/"state":"unreachable".*certificate of m1, m2, not of m9/)
})

test('a detached command is found again after OMServer was killed, and ran once', async () => {
  const command = `echo x >>${path('ran')}; echo one; while [ ! -e ${path('go')} ]; do sleep 0.2; done; echo two; exit 4`
  const launched = await server.om([
    'run',
    'shell',
    '-p',
    `command=${command}`,
    '-t',
    'm1',
    '--detach',
    '--json',
  ])
  const id = String(launched.events().find((event) => event['id'] !== undefined)?.['id'])
  await expect.poll(() => outputOf(id, 'm1'), { timeout: 20_000 }).toContain('one')
  const { dataDir, port } = server
  await server.kill('SIGKILL')
  writeFileSync(path('go'), '')
  server = await startOmServer({ dataDir, port })
  await expect
    .poll(async () => (await server.om(['runs', 'show', id, '--json'])).stdout, { timeout: 30_000 })
    .toMatch(/"state":\s*"failed"/)
  const said = await outputOf(id, 'm1')
  expect(said).toMatch(/one\n.*two/s)
  expect(readFileSync(path('ran'), 'utf8')).toBe('x\n')
}, 90_000)

test('an abort ends the command on the host', async () => {
  const command = `echo $$ >${path('pid')}; sleep 600; true`
  const launched = server.om(['run', 'shell', '-p', `command=${command}`, '-t', 'm1', '--json'])
  await expect.poll(() => existsSync(path('pid')), { timeout: 20_000 }).toBe(true)
  const { items } = (await server.om(['runs', 'list', '--json'])).json<{
    items: { id: string }[]
  }>()
  await server.om(['runs', 'abort', items[0]?.id ?? ''])
  const done = await launched
  expect(done.stdout).toMatch(/"state":"aborted".*"leftRunning":"no"/)
  await expect
    .poll(() => existsSync(`/proc/${readFileSync(path('pid'), 'utf8').trim()}`))
    .toBe(false)
})

test('a funcd that only its overlord reaches: by func-transmit, over ssh', async () => {
  const words = ['drivers', 'add', 'func', 'old', ...keys(), '--transmit', 'o1', '--idc', 'old']
  expect((await server.om(words)).stderr).toBe('')
  const call = await run(
    'func.call',
    '-p',
    'function=command.run',
    '-p',
    'args=["echo héllo"]',
    '-t',
    'm2',
  )
  expect(call.text).toContain('"succeeded"')
  expect(await outputOf(call.last['id'], 'm2')).toContain('héllo\\n')
  const script = await run('script', '-p', 'content=echo from the script; exit 5', '-t', 'm2')
  expect(script.text).toContain('"exit":5')
  expect(await outputOf(script.last['id'], 'm2')).toContain('from the script')
}, 60_000)
