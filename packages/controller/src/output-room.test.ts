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

test('those who wait go on in the order in which they came, no more in a turn of the event loop than its time allows', async () => {
  let now = 0
  // Each of them takes 4 ms with what it has at hand.
  const room = createOutputRoom(10, () => now)
  room.take(11)
  const woken: number[] = []
  for (let n = 0; n < 7; n++) {
    void room.wait()?.then(() => {
      now += 4
      woken.push(n)
    })
  }
  room.give(11)
  await turn()
  expect(woken).toEqual([0, 1, 2])
  await turn()
  await turn()
  expect(woken).toEqual([0, 1, 2, 3, 4, 5, 6])
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
  const woken: number[] = []
  for (let n = 0; n < 5; n++) {
    void room.wait()?.then(() => {
      room.take(6)
      woken.push(n)
    })
  }
  room.give(11)
  await turn()
  await turn()
  expect(woken).toEqual([0, 1])
})
