import { expect, it } from 'vitest'
import { Throttle } from './throttle.ts'

const started = (rule = { free: 2, maxMs: 8000 }) => {
  const time = { now: 0 }
  return { time, throttle: new Throttle(rule, () => time.now) }
}

it('doubles the wait up to its limit', () => {
  const { time, throttle } = started()
  const waits = Array.from({ length: 8 }, () => {
    throttle.failed('eve')
    const wait = throttle.wait('eve')
    time.now += wait
    return wait
  })
  expect(waits).toEqual([0, 0, 1000, 2000, 4000, 8000, 8000, 8000])
  expect(throttle.wait('bob')).toBe(0)
})

it('forgets failures of long ago, and all of them at a success', () => {
  const { time, throttle } = started()
  for (let n = 0; n < 3; n += 1) throttle.failed('eve')
  time.now += 3_600_000
  throttle.failed('eve')
  expect(throttle.wait('eve')).toBe(0)
  for (let n = 0; n < 3; n += 1) throttle.failed('bob')
  throttle.succeeded('bob')
  expect(throttle.wait('bob')).toBe(0)
})

it('stays small however many names are tried', () => {
  const { throttle } = started({ free: 0, maxMs: 1000 })
  for (let n = 0; n <= 10_000; n += 1) throttle.failed(`name-${n}`)
  expect(throttle.wait('name-0')).toBe(0)
  expect(throttle.wait('name-10000')).toBe(1000)
})
