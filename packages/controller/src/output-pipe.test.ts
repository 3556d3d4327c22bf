import type { OutputStream } from '@omserver/core'
import { expect, test } from 'vitest'
import type { AnsweredEnd } from './answer-hash.ts'
import { createFlushTicker } from './flush-ticker.ts'
import { createOutputBudget, createOutputBudgets, type OutputBudget } from './output-budget.ts'
import { createOutputPipe } from './output-pipe.ts'
import { createOutputRoom } from './output-room.ts'

const open = (perHost: number, budget: OutputBudget = createOutputBudget({ held: 0 })) => {
  const sent: {
    readonly stream: OutputStream
    readonly offset: number
    readonly bytes: Uint8Array
  }[] = []
  const pipe = createOutputPipe({
    perHost,
    budget,
    room: createOutputRoom(Number.POSITIVE_INFINITY),
    ticker: createFlushTicker(() => () => undefined),
    send: (stream, offset, bytes) => sent.push({ stream, offset, bytes }),
  })
  return { pipe, sent, text: () => Buffer.concat(sent.map(({ bytes }) => bytes)).toString() }
}

const push = (
  pipe: ReturnType<typeof open>['pipe'],
  text: string,
  stream: OutputStream = 'stdout',
) => pipe.push(stream, Buffer.from(text))

test('output within the cap is kept whole', () => {
  const { pipe, text } = open(10)
  void push(pipe, 'abcdefgh')
  expect(pipe.end()).toEqual({ outputBytes: 8, truncated: false })
  expect(text()).toBe('abcdefgh')
})

test('streams keep their order while they seldom take turns', () => {
  const { pipe, sent } = open(1000)
  void push(pipe, 'out 1\n')
  void push(pipe, 'err 1\n', 'stderr')
  void push(pipe, 'out 2\n')
  pipe.end()
  expect(sent.map(({ stream, offset }) => [stream, offset])).toEqual([
    ['stdout', 0],
    ['stderr', 6],
    ['stdout', 12],
  ])
})

test('streams that take turns in every line make two chunks, not thousands', () => {
  const { pipe, sent } = open(1024 * 1024)
  for (let index = 0; index < 1000; index++) {
    void push(pipe, `o${index}\n`)
    void push(pipe, `e${index}\n`, 'stderr')
  }
  pipe.end()
  expect(sent.map(({ stream }) => stream)).toEqual(['stdout', 'stderr'])
  expect(Buffer.from(sent[0]?.bytes ?? []).toString()).toMatch(/^o0\no1\n[^e]*o999\n$/)
})

test('a large piece goes out at once, in chunks of 64 KiB', () => {
  const { pipe, sent } = open(1024 * 1024)
  void pipe.push('stdout', new Uint8Array(150_000))
  expect(sent.map(({ bytes }) => bytes.length)).toEqual([65_536, 65_536, 18_928])
})

test('when a run has used up its share, its hosts keep 8 KiB each', () => {
  const budget = createOutputBudget({ held: 0 }, 100_000)
  const first = open(1_000_000, budget)
  void first.pipe.push('stdout', new Uint8Array(200_000))
  first.pipe.end()
  const second = open(1_000_000, budget)
  for (let index = 0; index < 100; index++)
    void push(second.pipe, `${`${index}`.padStart(999, '.')}\n`)
  const { outputBytes, truncated } = second.pipe.end()
  expect({ outputBytes, truncated }).toEqual({ outputBytes: 100_000, truncated: true })
  expect(second.text()).toHaveLength(8 * 1024)
  expect(second.text().trim().endsWith('99')).toBe(true)
  const third = open(1_000_000, budget)
  void push(third.pipe, 'short')
  expect(third.pipe.end()).toEqual({ outputBytes: 5, truncated: false })
})

test('the share of a run is one, however often it comes back', () => {
  const budgets = createOutputBudgets(100_000)
  budgets.of('a').keep(100_000)
  expect(budgets.of('a').capOf(1_000_000)).toBe(8 * 1024)
  expect(budgets.of('b').capOf(1_000_000)).toBe(1_000_000)
})

test('the memory that tails take is given back, at the end and when they are dropped', () => {
  const tails = { held: 0 }
  const budget = createOutputBudget(tails)
  const ended = open(1000, budget)
  const dropped = open(1000, budget)
  for (const { pipe } of [ended, dropped]) void pipe.push('stdout', new Uint8Array(5000))
  expect(tails.held).toBeGreaterThanOrEqual(1000)
  ended.pipe.end()
  dropped.pipe.drop()
  expect(tails.held).toBe(0)
})

test('when tails fill the memory, new ones stay small', () => {
  const budget = createOutputBudget({ held: 1024 * 1024 * 1024 })
  const { pipe, text } = open(1024 * 1024, budget)
  for (let index = 0; index < 200; index++) void pipe.push('stdout', new Uint8Array(10_000))
  expect(pipe.end().truncated).toBe(true)
  expect(text()).toHaveLength(512 * 1024 + 4096)
})

test('the answer depends on every byte that is kept', () => {
  const context = { name: 'web-1', address: '10.0.0.1', mask: [] }
  const answerOf = (bytes: Uint8Array): string => {
    const { pipe } = open(1024 * 1024)
    void pipe.push('stdout', bytes)
    pipe.end()
    return pipe.answer({ state: 'ok', exit: 0 }, context)
  }
  const large = Buffer.alloc(300_000, 'x')
  const other = Buffer.from(large)
  other[250_000] = 0x79
  expect(answerOf(large)).toBe(answerOf(Buffer.from(large)))
  expect(answerOf(other)).not.toBe(answerOf(large))
})

test('the answer does not depend on how the two streams fell between each other', () => {
  const context = { name: 'web-1', address: '10.0.0.1', mask: [] }
  const answerOf = (order: readonly OutputStream[]): string => {
    const { pipe } = open(1000)
    for (const stream of order) void push(pipe, `${stream}\n`, stream)
    pipe.end()
    return pipe.answer({ state: 'ok', exit: 0 }, context)
  }
  expect(answerOf(['stdout', 'stderr'])).toBe(answerOf(['stderr', 'stdout']))
})

test('hosts that print nothing answer alike only where they ended for the same cause', () => {
  const answerOf = (end: AnsweredEnd, name = 'web-1', address = '10.0.0.1'): string => {
    const { pipe } = open(1000)
    pipe.end()
    return pipe.answer(end, { name, address, mask: ['self'] })
  }
  const refused = (message: string): AnsweredEnd => ({
    state: 'failed',
    reason: 'runAsRefused',
    message,
  })
  const wrong = answerOf(refused('sudo: 1 incorrect password attempt'))
  const killed = answerOf({ state: 'failed', reason: 'signal', message: 'ended by signal SIGKILL' })
  const unknown = answerOf(refused('su: user nobodyx does not exist'))
  expect(new Set([wrong, killed, unknown]).size).toBe(3)
  expect(answerOf(refused('web-1 (10.0.0.1) pid 7: no'))).toBe(
    answerOf(refused('web-2 (10.0.0.2) pid 12: no'), 'web-2', '10.0.0.2'),
  )
  // Of a command that ended by itself the exit code and the output say all.
  expect(answerOf({ state: 'failed', reason: 'exit', exit: 3, message: 'a' })).toBe(
    answerOf({ state: 'failed', reason: 'exit', exit: 3, message: 'b' }),
  )
  const copied = (changed: boolean) => answerOf({ state: 'ok', exit: 0, changed })
  expect(copied(true)).not.toBe(copied(false))
})
