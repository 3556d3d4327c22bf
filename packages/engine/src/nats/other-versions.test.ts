// Messages of another version: named as what they are, left where they are, and nobody else is held up.

import { connect } from '@nats-io/transport-node'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type NatsServer, startNatsServer } from '../../../../e2e/support/nats-server.ts'
import { IDC, note, reader, slice } from '../conformance/case-kit.ts'
import { namesOf } from './names.ts'
import { encodeJson } from './payload.ts'
import { binaries, open, withoutServer } from './testing/open-engine.ts'

/** As somebody two versions ahead writes it. */
const newer = (): Uint8Array => {
  const data = encodeJson({ name: 'c9' })
  data[0] = 3
  return data
}

describe.skipIf(withoutServer).each(binaries)('messages of another version, %s', (binary) => {
  let server: NatsServer

  beforeAll(async () => {
    server = await startNatsServer(binary)
  }, 60_000)
  afterAll(() => server?.stop())

  const say = async (subject: string, data: Uint8Array): Promise<void> => {
    const nc = await connect({ servers: server.url })
    onTestFinished(() => nc.close())
    nc.publish(subject, data)
    await nc.flush()
  }

  test('a board shows which version a value has, and all the others as they are', async () => {
    const engine = await open(server.url, { prefix: 'board' })
    await engine.presence.put(IDC, 'controller:c1', { name: 'c1' })
    await say(`${namesOf('board').presence(IDC)}.controller_3ac9`, newer())
    expect(await engine.presence.all(IDC)).toEqual(
      new Map<string, object>([
        ['controller:c1', { name: 'c1' }],
        ['controller:c9', { unreadableVersion: 3 }],
      ]),
    )
  })

  test('the log waits before a message that it cannot read, and says so once, and in its health', async () => {
    const said: string[] = []
    const onTrouble = (idc: string, what: string) => said.push(`${idc}: ${what}`)
    const engine = await open(server.url, { prefix: 'log', onTrouble })
    const { read } = await reader(engine)
    await engine.log.append(IDC, [note('a', 1)])
    await read.count(1)
    const { epoch } = await engine.log.info(IDC)
    await say(`${namesOf('log').log(IDC, epoch)}.a.output.c9`, newer())
    await engine.log.append(IDC, [note('a', 2)])
    await expect.poll(() => said, { timeout: 15_000 }).toHaveLength(1)
    expect(said[0]).toContain('a message of version 3; this OMServer reads 1')
    const health = await engine.health(IDC)
    expect(health).toMatchObject({ ok: false, stuck: true })
    expect(health.detail).toContain('cannot be read: a message of version 3')
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect(said).toHaveLength(1)
    // Nothing is passed over: it would be a gap.
    expect(read.items).toHaveLength(1)
  })

  test('work of another version stays for who can take it, and whoever cannot says so', async () => {
    const said: string[] = []
    const onTrouble = (_: string, what: string) => said.push(what)
    const engine = await open(server.url, { prefix: 'work', onTrouble })
    const taken: string[] = []
    await engine.queue.consume(IDC, { slots: () => 4 }, async ({ slice: one, done }) => {
      taken.push(one.sliceId)
      await done()
    })
    await say(`${namesOf('work').work(IDC)}.future`, newer())
    await engine.queue.offer(IDC, [slice('today')])
    await expect.poll(() => taken, { timeout: 15_000 }).toEqual(['today'])
    await expect.poll(() => said, { timeout: 15_000 }).toHaveLength(1)
    expect(said[0]).toContain('of version 3')
    await expect
      .poll(() => engine.queue.depth(IDC), { timeout: 15_000 })
      .toEqual({ waiting: 1, leased: 0 })
  })
})
