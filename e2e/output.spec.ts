// What hosts print, however much and whatever it is: bounded, kept as bytes, read in the host's encoding, and harmless
// to whoever looks at it.

import { type Client, runRoutes } from '@omserver/api'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { missingTools, needs } from '../scripts/needs.ts'
import { addHosts, addKey } from './support/lab-hosts.ts'
import { type OmServer, startOmServer } from './support/omserver.ts'
import { forgetPeak, memoryOf } from './support/processes.ts'
import { countsOf, outputOf, runOn } from './support/run-on.ts'
import { type Sshd, startSshd } from './support/sshd.ts'

const MIB = 1024 * 1024
const GIB = 1024 * MIB
let server: OmServer
let client: Client
let sshd: Sshd

beforeEach((context) => needs(context, 'sshd'))
beforeAll(async () => {
  if (missingTools(['sshd']).length > 0) return
  sshd = await startSshd()
  server = await startOmServer()
  client = await server.client()
  await addKey(client, 'lab', sshd.user, sshd.key.privateKey)
  await addHosts(client, sshd, [
    {},
    {},
    { name: 'gb-1', encoding: 'gb18030' },
    { name: 'gb-2', encoding: 'gb18030' },
  ])
})
afterAll(async () => {
  await server?.remove()
  await sshd?.stop()
})

test('1 GiB of output: the ends are kept, the rest is counted, memory stays as it was', async () => {
  await runOn(client, 'web-1 web-2', 'echo warm')
  forgetPeak(server.pid)
  const before = memoryOf(server.pid, 'VmRSS')
  const loud = `set -- $SSH_CONNECTION; [ "$3" = ${sshd.address(0)} ] || { echo quiet; exit 0; }; echo first; head -c ${GIB} /dev/zero | tr '\\0' x; echo; echo last`
  const strategy = { hostTimeoutMs: 100_000 }
  const { run, hosts } = await runOn(client, 'web-1 web-2', loud, { strategy })
  const rise = memoryOf(server.pid, 'VmHWM') - before
  expect(countsOf({ run })).toEqual({ ok: 2 })
  const host = hosts.get('web-1')
  const printed = GIB + 'first\n\nlast\n'.length
  expect(host).toMatchObject({ state: 'ok', exit: 0, truncated: true, outputBytes: printed })
  expect(hosts.get('web-2')).toMatchObject({ state: 'ok', truncated: false, outputBytes: 6 })
  const params = { id: run.id, hostId: host?.hostId ?? '' }
  const part = await client.call(runRoutes.output, { params, query: { bytes: MIB } })
  expect(part).toMatchObject({ truncated: true, outputBytes: printed, gapAt: MIB / 2 })
  expect(part.keptBytes).toBeLessThanOrEqual(MIB)
  expect(part.keptBytes).toBeGreaterThan(MIB * 0.9)
  const text = await outputOf(client, run.id, params.hostId)
  expect([text.slice(0, 8), text.slice(-8)]).toEqual(['first\nxx', 'xx\nlast\n'])
  const file = await (await client.file(runRoutes.rawOutput, { params, query: {} })).text()
  expect(file).toContain(`OMServer: ${printed} bytes in all`)
  const shown = await server.om(['runs', 'output', run.id, '--host', 'web-1'])
  expect(shown.stdout.length).toBe(part.keptBytes)
  expect(shown.stderr).toContain(`${printed - part.keptBytes} bytes`)
  const json = await server.om(['runs', 'output', run.id, '--host', 'web-1', '--json'])
  expect(json.json()).toMatchObject({
    truncated: true,
    outputBytes: printed,
    keptBytes: part.keptBytes,
    gapAt: MIB / 2,
  })
  expect(rise).toBeLessThan(150)
})

describe('bytes that are no text of the usual kind', () => {
  test('every byte there is comes back as it was, and the answer reads', async () => {
    const octal = Array.from({ length: 256 }, (_, n) => `\\${n.toString(8).padStart(3, '0')}`)
    const command = `printf '${octal.join('')}'; head -c 200000 /dev/urandom >&2`
    const { run, hosts } = await runOn(client, 'web-1', command)
    expect(countsOf({ run })).toEqual({ ok: 1 })
    const host = hosts.get('web-1')
    expect(host).toMatchObject({ outputBytes: 200_256, truncated: false })
    const params = { id: run.id, hostId: host?.hostId ?? '' }
    const file = await client.file(runRoutes.rawOutput, { params, query: {} })
    const bytes = Buffer.from(await file.arrayBuffer())
    expect(bytes.length).toBe(200_256)
    const all = Buffer.from(Array.from({ length: 256 }, (_, n) => n))
    expect(bytes.includes(all)).toBe(true)
    const json = await server.om(['runs', 'output', run.id, '--host', 'web-1', '--json'])
    expect(json.code).toBe(0)
    expect(json.json<{ pieces: unknown[] }>().pieces.length).toBeGreaterThan(0)
    expect((await server.om(['runs', 'output', run.id])).code).toBe(0)
  })

  test('GB18030 is read where the host says so, and gives the same answer as UTF-8', async () => {
    // 北京 in each of the two, and once as what it is not.
    const command = `set -- $SSH_CONNECTION; case $3 in ${sshd.address(2)}|${sshd.address(3)}|${sshd.address(1)}) printf '\\261\\261\\276\\251\\n' ;; *) echo 北京 ;; esac`
    const { run, hosts } = await runOn(client, 'web-1 web-2 gb-1 gb-2', command)
    expect(countsOf({ run })).toEqual({ ok: 4 })
    const read = (name: string) => outputOf(client, run.id, hosts.get(name)?.hostId ?? '')
    expect(await read('gb-1')).toBe('北京\n')
    expect(await read('web-1')).toBe('北京\n')
    expect(await read('web-2')).toBe('\ufffd\ufffd\ufffd\ufffd\n')
    const params = { id: run.id }
    const { clusters } = await client.call(runRoutes.answers, { params, query: {} })
    expect(clusters.map(({ names, sample }) => [names, sample.output])).toEqual([
      [['gb-1', 'gb-2', 'web-1'], '北京\n'],
      [['web-2'], '\ufffd\ufffd\ufffd\ufffd\n'],
    ])
  })

  test('what a GB18030 host says of its failure reads too', async () => {
    const { hosts } = await runOn(
      client,
      'gb-1',
      "printf '\\262\\273\\264\\346\\324\\332\\n' >&2; exit 3",
    )
    expect(hosts.get('gb-1')).toMatchObject({ state: 'failed', exit: 3, message: '不存在' })
  })

  test.each([
    // 中文𠀀 with characters of two, three and four bytes, in no line and out of step with every power of two.
    ['web-1', `printf x; yes 中文𠀀 | tr -d '\\n' | head -c 100000`, '中文𠀀', 10],
    [
      'gb-1',
      `printf x; yes "$(printf '\\326\\320\\316\\304\\225\\062\\202\\066')" | tr -d '\\n' | head -c 100000`,
      '中文𠀀',
      8,
    ],
  ])(
    '%s: no character is cut in two where output is read in parts',
    async (name, command, text, bytes) => {
      const { run, hosts } = await runOn(client, name, command)
      const params = { id: run.id, hostId: hosts.get(name)?.hostId ?? '' }
      const whole = `x${text.repeat(Math.floor(100_000 / bytes))}`
      for (const size of [7_001, 7_002, 7_003, 7_004]) {
        let read = ''
        for (let from: number | null = 0; from !== null; ) {
          const query: { from: number; bytes: number } = { from, bytes: size }
          const part = await client.call(runRoutes.output, { params, query })
          read += part.pieces.map((piece) => piece.text).join('')
          from = part.next
        }
        expect([size, read.length, read === whole]).toEqual([size, whole.length, true])
      }
      const file = await (await client.file(runRoutes.rawOutput, { params, query: {} })).text()
      expect(file === whole).toBe(true)
    },
  )

  test('invalid UTF-8 is marked, and what stands around it is kept', async () => {
    const { run, hosts } = await runOn(client, 'web-1', "printf 'a\\377b\\303(c\\n'")
    expect(await outputOf(client, run.id, hosts.get('web-1')?.hostId ?? '')).toBe(
      'a\ufffdb\ufffd(c\n',
    )
  })
})

describe('output that wants to do something', () => {
  /** Sets a title, clears the screen, fills the clipboard, colours, overwrites, hides, turns text round; and HTML. */
  const hostile =
    '<script>alert(1)</script>\\033]0;owned\\007\\033[2J\\033]52;c;b3du\\007\\033[31mred\\033[0m\\033[8mhidden\\302\\233 5n\\342\\200\\256gnp\\n'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const escapes = /[\u001b\u007f-\u009f\u202a-\u202e]/

  test('JSON keeps it as data, a file gets it as it came, folded answers do not', async () => {
    const ran = await server.om([
      'run',
      'shell',
      '-t',
      'web-1',
      '-p',
      `command=printf '${hostile}'`,
      '--json',
    ])
    expect(ran.code).toBe(0)
    expect(ran.stdout).not.toMatch(escapes)
    const said = ran.events().find(({ type }) => type === 'host.output')
    expect(said?.text).toContain('<script>alert(1)</script>\u001b]0;owned\u0007')
    const id = String(ran.events().at(-1)?.id)
    const raw = await server.om(['runs', 'output', id, '--host', 'web-1'])
    expect(raw.stdout).toBe(said?.text)
    const folded = await server.om(['runs', 'output', id])
    expect(folded.stdout).toContain('<script>alert(1)</script>red')
    expect(folded.stdout).not.toMatch(escapes)
    const page = await fetch(`${server.url}/api/runs/${id}/answers`)
    expect(page.headers.get('content-type')).toMatch(/json/)
  })

  test('nothing of it reaches a terminal: not the output, not the reason of a failure', async () => {
    const fails = `command=printf '${hostile}' >&2; exit 1`
    const ran = await onTerminal(['run', 'shell', '-t', 'web-1', '-p', fails])
    expect(ran).toContain('<script>')
    for (const sign of ['\u001b]', '\u001b[2J', '\u001b[8m', '\u001b[31mred', '\u009b', '\u202e'])
      expect(ran).not.toContain(sign)
    const { items } = await client.call(runRoutes.list, { query: { limit: 1 } })
    const id = items[0]?.id ?? ''
    const shown = await onTerminal(['runs', 'output', id, '--host', 'web-1'])
    expect(shown).toContain('<script>alert(1)</script>red')
    expect(shown).not.toMatch(escapes)
    const params = { id }
    const { items: rows } = await client.call(runRoutes.results, { params, query: {} })
    expect(rows[0]?.message).toContain('<script>')
    expect(rows[0]?.message).not.toMatch(escapes)
  })

  /** What `om` writes when it is on a terminal. */
  const onTerminal = async (args: readonly string[]): Promise<string> =>
    (await server.om(args, { onTerminal: true })).stdout
})
