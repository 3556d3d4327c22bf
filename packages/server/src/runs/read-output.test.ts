// Reading what hosts said: ranges and downloads, encodings, and what comes while a host still runs.

import { runRoutes } from '@omserver/api'
import { expect, test } from 'vitest'
import { downloadOutput, readOutput } from './output.ts'
import { fleetOf, ran, textOf } from './testing/ended-run.ts'
import { fakeFleet, fakeHost } from './testing/fake-fleet.ts'
import { rawController } from './testing/raw-controller.ts'
import { type RunServer, startRunServer } from './testing/run-server.ts'

const outputQuery = (query: object) => runRoutes.output.query.parse(query)

/** A run whose one host has started. */
const begun = async (server: RunServer) => {
  const controller = await rawController(server.engine, ['default'])
  const { id } = await server.launch({ module: 'echo', selector: '*' })
  await server.settled()
  const held = controller.held[0]!
  await controller.claim(held)
  await controller.start(held, 'id-h-0')
  return { id, held, controller }
}

test('a long output is stored in chunks and read by ranges that cut no character', async () => {
  await using server = await startRunServer(fleetOf(1))
  const line = '主机返回了很长的输出，没有换行'
  const whole = line.repeat(9000)
  const bytes = Buffer.from(whole)
  const parts = Array.from({ length: Math.ceil(bytes.length / 10_000) }, (_, n) =>
    bytes.subarray(n * 10_000, (n + 1) * 10_000),
  )
  const id = await ran(server, () => ({
    output: parts.map((part, n) => [n % 7 === 6 ? 'stderr' : 'stdout', part] as const),
  }))
  const rows = await server.services.db.selectFrom('outputs').select('bytes').execute()
  expect(rows.length).toBeLessThanOrEqual(Math.ceil(bytes.length / 16_384))
  expect(Math.max(...rows.map((row) => row.bytes.length))).toBeLessThanOrEqual(65_536)
  const target = { runId: id, hostId: 'id-h-0' }
  let text = ''
  let from: number | null = 0
  let asked = 0
  while (from !== null) {
    const range = await readOutput(server.runs.reader, target, outputQuery({ from, bytes: 7001 }))
    text += range.pieces
      .filter(({ stream }) => stream === 'stdout')
      .map((piece) => piece.text)
      .join('')
    expect(range.keptBytes).toBe(bytes.length)
    from = range.next
    asked++
  }
  expect(asked).toBeGreaterThan(50)
  const file = await downloadOutput(server.runs.reader, target, undefined)
  expect(await textOf(file.chunks)).toBe(whole)
  expect(file.fileName).toBe('h-0.txt')
  // Of the other stream every seventh part is missing: what is there is in order and unharmed where it was cut whole.
  expect(text.startsWith(line)).toBe(true)
})

test('lines of a host with an encoding of its own are read in ranges and downloaded as text', async () => {
  const fleet = fakeFleet([fakeHost('old', 'default', { encoding: 'gb18030' })])
  await using server = await startRunServer(fleet)
  const line = Buffer.from([0xd6, 0xd0, 0xce, 0xc4, 0x0a])
  const id = await ran(server, () => ({
    output: [['stdout', Buffer.concat(Array(100).fill(line))]],
  }))
  const target = { runId: id, hostId: 'id-old' }
  const range = await readOutput(server.runs.reader, target, outputQuery({ from: 0, bytes: 13 }))
  expect(range).toMatchObject({ next: 10, pieces: [{ text: '中文\n中文\n' }] })
  const file = await downloadOutput(server.runs.reader, target, undefined)
  expect(await textOf(file.chunks)).toBe('中文\n'.repeat(100))
})

test('output that comes bit by bit ends in one row, and is there while the host still runs', async () => {
  await using server = await startRunServer(fleetOf(1))
  const { id, held, controller } = await begun(server)
  for (let n = 0; n < 20; n++) await controller.output(held, 'id-h-0', n * 4, `${n % 10}bc\n`)
  // The same again is the same.
  await controller.output(held, 'id-h-0', 40, '0bc\n')
  const range = await readOutput(
    server.runs.reader,
    { runId: id, hostId: 'id-h-0' },
    outputQuery({}),
  )
  expect(range.keptBytes).toBe(80)
  expect(range.pieces.map(({ text }) => text).join('')).toHaveLength(80)
  expect(await server.services.db.selectFrom('outputs').select('offset').execute()).toHaveLength(1)
})

test('a host that ends lost under another controller keeps what it had said, and says how much', async () => {
  await using server = await startRunServer(fleetOf(1))
  const { id, held, controller } = await begun(server)
  await controller.output(held, 'id-h-0', 0, 'half\n')
  // Whoever takes over has not seen it.
  await controller.claim(held)
  await controller.end(held, 'id-h-0', 'lost')
  await server.ended(id)
  const { items } = await server.results(id)
  expect(items).toMatchObject([{ state: 'lost', outputBytes: 5 }])
  const target = { runId: id, hostId: 'id-h-0' }
  const range = await readOutput(server.runs.reader, target, outputQuery({}))
  expect(range).toMatchObject({ keptBytes: 5, outputBytes: 5, pieces: [{ text: 'half\n' }] })
})
