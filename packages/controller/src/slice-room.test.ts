// How many slices a controller takes, by what it could begin.

import { SLICE_MAX_HOSTS } from '@omserver/core'
import { expect, test } from 'vitest'
import { createSliceRoom } from './slice-room.ts'

const roomOf = (capacity: number) => {
  const state = { now: 0, demand: 0 }
  const room = createSliceRoom({ monotonic: () => state.now }, capacity, () => state.demand)
  return { state, room }
}

test('whoever has nothing takes as many slices as it has places for hosts, and at least one', () => {
  expect(roomOf(2_000).room.slots()).toBe(Math.ceil(2_000 / SLICE_MAX_HOSTS))
  expect(roomOf(10).room.slots()).toBe(1)
})

test('slices whose hosts may run only a few at a time leave room for others', () => {
  const { state, room } = roomOf(2_000)
  state.demand = 40
  expect(room.slots()).toBe(Math.ceil(1_960 / SLICE_MAX_HOSTS))
})

test('whoever is full takes one more now and then, so that a run behind a long one gets its turn', () => {
  const { state, room } = roomOf(100)
  room.took()
  state.demand = 256
  expect(room.slots()).toBe(0)
  state.now = 499
  expect(room.slots()).toBe(0)
  state.now = 500
  expect(room.slots()).toBe(1)
  room.took()
  expect(room.slots()).toBe(0)
  // And at once when hosts have ended.
  state.demand = 99
  expect(room.slots()).toBe(1)
})
