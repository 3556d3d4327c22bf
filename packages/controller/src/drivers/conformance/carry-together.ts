// One leaf on many hosts at once, as the hosts of a slice, and what was told of each.

import assert from 'node:assert/strict'
import type { HostEnd, LeafAction, TargetHost } from '@omserver/core'
import type { Driver, HostReport, Member, ReportedStep } from '../../driver.ts'

export interface Heard {
  end?: HostEnd
  readonly steps: ReportedStep[]
  text: string
  missed: number
  started: number
  readonly keys: Parameters<HostReport['keySeen']>[0][]
}

/** In the order of `hosts`. `onStep`: whenever one is told of any of them. A host that ends twice fails. */
export const carryTogether = async (
  driver: Driver,
  action: LeafAction,
  hosts: readonly TargetHost[],
  options: {
    readonly check?: true
    readonly signal?: AbortSignal
    readonly onStep?: () => void
  } = {},
): Promise<readonly Heard[]> => {
  const signal = options.signal ?? new AbortController().signal
  const all: Heard[] = []
  const members = hosts.map((host): Member => {
    const heard: Heard = { steps: [], text: '', missed: 0, started: 0, keys: [] }
    all.push(heard)
    const report: HostReport = {
      started: async () => {
        heard.started++
      },
      output: (_stream, bytes) => {
        heard.text += Buffer.from(bytes).toString()
        return undefined
      },
      step: (step) => {
        heard.steps.push(step)
        options.onStep?.()
      },
      missed: (bytes) => {
        heard.missed += bytes
      },
      elapsed: () => undefined,
      keySeen: (seen) => heard.keys.push(seen),
      stored: Promise.resolve(true),
    }
    const end = (given: HostEnd): void => {
      assert.equal(heard.end, undefined, `${host.name} ended twice`)
      heard.end = given
    }
    return { host, report, signal, end }
  })
  assert.ok(driver.carryOutTogether)
  await driver.carryOutTogether({
    runId: 'run-1',
    sliceId: 'slice-1',
    action,
    members,
    concurrency: 50,
    connectTimeoutMs: 15_000,
    ...(options.check ? { check: true } : {}),
  })
  return all
}
