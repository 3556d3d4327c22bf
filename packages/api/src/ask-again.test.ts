import { expect, it } from 'vitest'
import { askAgain } from './ask-again.ts'

const answering = (...answers: readonly Response[]) => {
  const left = [...answers]
  let asked = 0
  const fetchIt = async (_input: unknown, init?: RequestInit): Promise<Response> => {
    init?.signal?.throwIfAborted()
    asked++
    return left.shift() ?? new Response('done')
  }
  return { fetchIt: fetchIt as typeof globalThis.fetch, asked: () => asked }
}
const later = (seconds: string) =>
  new Response('{}', { status: 503, headers: { 'retry-after': seconds } })

it('asks again where the server says when', async () => {
  const { fetchIt, asked } = answering(later('0'), later('0'))
  expect(await (await askAgain(fetchIt)('/api/runs', { method: 'POST' })).text()).toBe('done')
  expect(asked()).toBe(3)
})

it('takes any other refusal as it is', async () => {
  for (const refusal of [
    new Response('{}', { status: 503 }),
    new Response('{}', { status: 502, headers: { 'retry-after': '0' } }),
    new Response('{}', { status: 429, headers: { 'retry-after': '0' } }),
    later('Wed, 21 Oct 2026 07:28:00 GMT'),
  ]) {
    const { fetchIt, asked } = answering(refusal)
    expect(await askAgain(fetchIt)('/api/runs')).toBe(refusal)
    expect(asked()).toBe(1)
  }
})

it('hands on the refusal when it lasts too long', async () => {
  const { fetchIt, asked } = answering(later('1'), later('1'))
  expect((await askAgain(fetchIt, 500)('/api/runs')).status).toBe(503)
  expect(asked()).toBe(1)
})

it('a caller who gives up does not wait', async () => {
  const { fetchIt } = answering(later('9'))
  const leave = new AbortController()
  const answer = askAgain(fetchIt)('/api/runs', { signal: leave.signal })
  setTimeout(() => leave.abort(), 10)
  await expect(answer).rejects.toThrow(/abort/i)
})
