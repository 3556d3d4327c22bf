import type { RunView } from '@omserver/api'
import { emptyCounts } from '@omserver/core'
import { expect, test } from 'vitest'
import { attemptsOf } from './steps.ts'

const run = (id: string, module: string, createdAt: number, of?: string): RunView => ({
  id,
  module,
  moduleTitle: { zh: module, en: module },
  params: of === undefined ? {} : { of },
  selector: '*',
  check: false,
  strategy: { concurrency: 1, hostTimeoutMs: 1000, retries: 0 },
  detached: false,
  runAs: null,
  credential: null,
  note: '',
  state: 'succeeded',
  stopReason: null,
  total: 1,
  counts: { ...emptyCounts(), ok: 1 },
  changed: 0,
  batches: [1],
  idcs: [],
  startedBy: 'admin',
  rerunOf: null,
  begun: null,
  createdAt,
  startedAt: null,
  endedAt: null,
  rev: 1,
  may: { abort: false, rerun: false },
})

test('the runs of one rotation belong together, in order, and the verified login tells how it went', () => {
  const first = run('a', 'trust.rotate', 1)
  const verify = run('b', 'trust.verify', 2, 'a')
  const removal = run('c', 'trust.removeKey', 3, 'a')
  const foreign = run('d', 'trust.verify', 2, 'z')
  expect(attemptsOf([first], [removal, foreign, verify])).toEqual([
    { first, steps: [first, verify, removal], told: verify },
  ])
})

test('while nothing was verified the first run tells', () => {
  const first = run('a', 'trust.establish', 1)
  expect(attemptsOf([first], [])).toEqual([{ first, steps: [first], told: first }])
})
