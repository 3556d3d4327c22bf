// The simulated fleet: the suite of every driver, and that it is the same each time and looks like a fleet.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Action, HostEnd, LeafAction, TargetHost } from '@omserver/core'
import { parseTable } from '@omserver/core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { canRun, type DriverHarness, driverConformance } from '../conformance.ts'
import { simDriver } from './driver.ts'

const hostOf = (name: string, sim?: string): TargetHost => ({
  hostId: name,
  name,
  access: { address: '10.0.0.1', port: 22 },
  jumps: [],
  vars: { 'host.name': name, ...(sim === undefined ? {} : { 'host.labels.sim': sim }) },
})

const openDriver = () => {
  const driver = simDriver()
  onTestFinished(() => driver.close())
  return driver
}

const harnessOf = (): DriverHarness => ({
  driver: openDriver(),
  host: hostOf('web-1', 'fast'),
  unreachable: hostOf('web-2', 'down'),
  secret: (value) => ({ kind: 'secret', ref: value }),
})

describe('sim driver conformance', () => {
  const cases = driverConformance.filter((one) =>
    canRun(one, {
      driver: simDriver(),
      host: hostOf('x'),
      unreachable: hostOf('x'),
      secret: (ref) => ({ kind: 'secret', ref }),
    }),
  )
  test.each(cases)('$name', async ({ run }) => run(harnessOf()))
})

const shell = (text: string): LeafAction => ({ kind: 'shell', command: [text] })

const carry = async (
  host: TargetHost,
  action: LeafAction,
  driver = openDriver(),
): Promise<{ readonly end: HostEnd; readonly said: string; readonly chunks: number }> => {
  const said: Uint8Array[] = []
  const end = await driver.carryOut(
    { runId: 'r', host, action, connectTimeoutMs: 1000 },
    {
      started: async () => undefined,
      output: (_stream, bytes) => {
        said.push(bytes)
        return undefined
      },
      step: () => undefined,
      keySeen: () => undefined,
      missed: () => undefined,
      elapsed: () => undefined,
      stored: Promise.resolve(true),
    },
    new AbortController().signal,
  )
  return { end, said: Buffer.concat(said).toString(), chunks: said.length }
}

test('prints output of a given shape', async () => {
  const { end, said, chunks } = await carry(
    hostOf('a', 'fast'),
    shell('sim:chunks=5,bytes=200,delay=0'),
  )
  expect(end).toEqual({ state: 'ok', exit: 0 })
  expect([chunks, said.length]).toEqual([5, 1000])
})

test('carries out echo, sleep and exit in order', async () => {
  const { end, said } = await carry(
    hostOf('a', 'fast'),
    shell(`echo 'one two' && sleep 0.001; echo "on $(hostname)"; exit 3; echo never`),
  )
  expect(said).toBe('one two\non a\n')
  expect(end).toMatchObject({ state: 'failed', reason: 'exit', exit: 3 })
})

test('a host answers the same each time, and a fleet almost the same', async () => {
  const command: Action = shell('uname -r')
  const kernels = new Map<string, number>()
  for (let index = 0; index < 400; index++) {
    const { said } = await carry(hostOf(`web-${index}`, 'fast'), command)
    const again = await carry(hostOf(`web-${index}`, 'fast'), command)
    expect(again.said).toBe(said)
    kernels.set(said, (kernels.get(said) ?? 0) + 1)
  }
  const counts = [...kernels.values()].sort((a, b) => b - a)
  expect(counts[0]).toBeGreaterThan(350)
  expect(counts.length).toBeGreaterThan(1)
  expect(counts.length).toBeLessThan(6)
})

test('some hosts of an ordinary fleet are down, and some fail', async () => {
  const driver = openDriver()
  const action = shell('sim:chunks=1')
  const ends = await Promise.all(
    Array.from({ length: 1000 }, (_, index) => carry(hostOf(`db-${index}`), action, driver)),
  )
  const count = (state: HostEnd['state']): number =>
    ends.filter(({ end }) => end.state === state).length
  expect(count('unreachable')).toBeGreaterThan(0)
  expect(count('unreachable')).toBeLessThan(15)
  expect(count('failed')).toBeGreaterThan(3)
  expect(count('failed')).toBeLessThan(35)
  expect(count('ok')).toBeGreaterThan(950)
})

test('a copy changes a host once', async () => {
  const driver = openDriver()
  const action: LeafAction = { kind: 'copy', source: { text: 'a=1\n' }, dest: '/etc/app.conf' }
  expect((await carry(hostOf('a', 'fast'), action, driver)).end.changed).toBe(true)
  expect((await carry(hostOf('a', 'fast'), action, driver)).end.changed).toBe(false)
  expect((await carry(hostOf('b', 'fast'), action, driver)).end.changed).toBe(true)
  expect((await carry(hostOf('a', 'fast'), shell('cat /etc/app.conf'), driver)).said).toBe('a=1\n')
})

test('what it prints for tables can be read as such', async () => {
  const df = await carry(hostOf('a', 'fast'), shell(`echo 'filesystem …'; df -PTk | awk '{}'`))
  const title = { zh: '', en: '' }
  const column = (key: string, type: 'text' | 'bytes' | 'percent') => ({ key, title, type })
  const rows = parseTable(
    {
      columns: [
        column('filesystem', 'text'),
        column('type', 'text'),
        column('size', 'bytes'),
        column('used', 'bytes'),
        column('free', 'bytes'),
        column('use', 'percent'),
        column('mount', 'text'),
      ],
      rows: { by: 'split', skip: 1 },
    },
    df.said,
  )
  expect(rows.map((row) => row.at(-1))).toEqual(['/', '/data'])
  for (const row of rows) expect(Number(row[2])).toBe(Number(row[3]) + Number(row[4]))
})

test('df answers in the columns and units that its options ask for', async () => {
  const host = hostOf('web-1', 'fast')
  const plain = (await carry(host, shell('df'))).said
  const human = (await carry(host, shell('df -hT'))).said
  expect(plain).toMatch(/^Filesystem +1K-blocks +Used +Available +Use% +Mounted on\n.* 41152812 /)
  expect(human).toMatch(/^Filesystem +Type +Size +Used +Avail +Use% +Mounted on\n.* 40G /)
})

test('a copy in check mode knows what was copied before', async () => {
  const driver = openDriver()
  const host = hostOf('web-1', 'fast')
  const check = (content: string): LeafAction => ({
    kind: 'shell',
    command: ["d=/etc/a\nm=''\nwould() { echo would change:; }"],
    stdin: content,
  })
  expect((await carry(host, check('x'), driver)).said).toBe('would change: new file\n')
  await carry(host, { kind: 'copy', source: { text: 'x' }, dest: '/etc/a' }, driver)
  expect((await carry(host, check('x'), driver)).said).toBe('identical\n')
  expect((await carry(host, check('y'), driver)).said).toBe('would change: content\n')
})

test('a journal has each command that began on a host, whoever is told of it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'om-sim-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const journal = join(folder, 'journal')
  const driver = simDriver({ journal })
  await carry(hostOf('a', 'fast'), shell('exit 3'), driver)
  await carry(hostOf('b', 'down'), shell('true'), driver)
  const lines = readFileSync(journal, 'utf8').trim().split('\n')
  expect(lines.map((line) => JSON.parse(line))).toEqual(
    ['starting', 'begun', 'ended'].map((moment) => ({
      moment,
      runId: 'r',
      host: 'a',
      pid: process.pid,
    })),
  )
})
