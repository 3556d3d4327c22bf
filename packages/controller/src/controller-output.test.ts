// What hosts print on its way to the log: capped, gathered, and held back by a slow reader.

import type { HostOutput, SliceEvent } from '@omserver/core'
import { describe, expect, test } from 'vitest'
import {
  checkLog,
  fakeDriver,
  hostsOf,
  ok,
  openRig,
  sliceOf,
  turns,
} from './testing/controller-rig.ts'

describe('output', () => {
  const outputs = (events: readonly SliceEvent[]): readonly HostOutput[] =>
    events.filter((event) => event.kind === 'host.output')

  test('beyond the cap is drained: head, tail, and the count', async () => {
    const rig = await openRig()
    const lines = Array.from({ length: 10_000 }, (_, index) => `line ${index}\n`).join('')
    await rig.start(
      fakeDriver(async (_work, report) => {
        await report.started()
        for (let at = 0; at < lines.length; at += 1000) {
          await report.output('stdout', Buffer.from(lines.slice(at, at + 1000)))
        }
        return ok
      }),
    )
    await rig.offer(sliceOf(hostsOf(1), { caps: { perHost: 20_000 } }))
    await rig.ended(1)
    const kept = outputs(rig.events)
    const text = Buffer.concat(kept.map((event) => event.bytes)).toString()
    expect(text).toBe(lines.slice(0, 10_000) + lines.slice(-10_000))
    let offset = 0
    for (const event of kept) {
      expect(event.offset).toBe(offset)
      offset += event.bytes.length
    }
    const [ended] = rig.events.filter((event) => event.kind === 'host.ended')
    expect(ended).toMatchObject({ outputBytes: lines.length, truncated: true })
  })

  test('of many small pieces goes out together, after at most 50 ms', async () => {
    const rig = await openRig()
    const finish = Promise.withResolvers<void>()
    const said = Promise.withResolvers<void>()
    await rig.start(
      fakeDriver(async (_work, report) => {
        await report.started()
        for (let index = 0; index < 100; index++) {
          await report.output('stdout', Buffer.from(`${index} `))
        }
        said.resolve()
        await finish.promise
        return ok
      }),
    )
    await rig.offer(sliceOf(hostsOf(1)))
    await said.promise
    await turns(3)
    expect(outputs(rig.events)).toEqual([])
    rig.timers.pass(50)
    await rig.until((events) => outputs(events).length > 0)
    expect(outputs(rig.events)).toHaveLength(1)
    finish.resolve()
    await rig.ended(1)
  })

  test('waits for a slow reader, and the end is not lost by it', async () => {
    const rig = await openRig()
    const waits: number[] = []
    const sent = Promise.withResolvers<void>()
    await rig.start(
      fakeDriver(async (_work, report) => {
        await report.started()
        sent.resolve()
        for (let index = 0; index < 40; index++) {
          const room = report.output('stdout', new Uint8Array(1024 * 1024))
          if (room) waits.push(index)
          await room
        }
        return ok
      }),
    )
    await rig.offer(sliceOf(hostsOf(1), { caps: { perHost: 100 * 1024 * 1024 } }))
    await sent.promise
    const goOn = rig.holdCommits()
    await turns(20)
    expect(waits).toEqual([16])
    expect(rig.ends()).toEqual({})
    goOn()
    await rig.ended(1)
    const bytes = outputs(rig.events).reduce((sum, event) => sum + event.bytes.length, 0)
    expect(bytes).toBe(40 * 1024 * 1024)
    checkLog(rig.events)
  })
})
