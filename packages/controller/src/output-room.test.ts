// Who may go on when there is room for output again, and when.

import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createOutputRoom } from './output-room.ts'

const waiters = (room: ReturnType<typeof createOutputRoom>, count: number): number[] => {
  const woken: number[] = []
  for (let n = 0; n < count; n++) void room.wait()?.then(() => woken.push(n))
  return woken
}

test('nobody waits while there is room', () => {
  const room = createOutputRoom(10)
  room.take(10)
  expect(room.wait()).toBeUndefined()
})

test('those who wait go on in the order in which they came, a few in each turn of the event loop', async () => {
  const room = createOutputRoom(10)
  room.take(11)
  const woken = waiters(room, 9)
  room.give(11)
  await turn()
  expect(woken).toEqual([0, 1, 2, 3])
  await turn()
  await turn()
  expect(woken).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
  expect(room.wait()).toBeUndefined()
})

test('whoever comes while others wait stands behind them', async () => {
  const room = createOutputRoom(10)
  room.take(11)
  const woken = waiters(room, 5)
  room.give(11)
  void room.wait()?.then(() => woken.push(5))
  await turn()
  await turn()
  expect(woken).toEqual([0, 1, 2, 3, 4, 5])
})

test('those who were let go on and filled it again stop the others', async () => {
  const room = createOutputRoom(10)
  room.take(11)
  const woken = waiters(room, 5)
  void room.wait()
  room.give(11)
  await turn()
  room.take(11)
  await turn()
  expect(woken).toEqual([0, 1, 2, 3])
})
