// What `-p key=value` means.

import { expect, test } from 'vitest'
import { parseParams } from './params.ts'

const fields = [
  { name: 'text', kind: 'text' },
  { name: 'lines', kind: 'number' },
  { name: 'units', kind: 'multiSelect' },
] as const
const parse = (...pairs: string[]) =>
  parseParams(pairs, fields, async (from) => `what stands in ${from}`)

test('text is text, whatever it looks like; everything else is JSON', async () => {
  expect(await parse('text=5', 'lines=5')).toEqual({ text: '5', lines: 5 })
  expect(await parse('text=a=b "c"')).toEqual({ text: 'a=b "c"' })
  expect(await parse('units=nginx, redis')).toEqual({ units: ['nginx', 'redis'] })
  await expect(parse('lines=five')).rejects.toMatchObject({ exitCode: 2 })
})

test('an @ names a file, two stand for one', async () => {
  expect(await parse('text=@run.sh')).toEqual({ text: 'what stands in run.sh' })
  expect(await parse('text=@@daily')).toEqual({ text: '@daily' })
})

test('what is no pair, and what the module does not know, is refused', async () => {
  await expect(parse('text')).rejects.toMatchObject({ exitCode: 2 })
  await expect(parse('__proto__=x')).rejects.toMatchObject({ exitCode: 2 })
})

test('a secret read from a file has no line end, a text of several lines keeps all of them', async () => {
  const files: Record<string, string> = { pw: 'p w \n', key: 'BEGIN\nEND\n', windows: 'pw\r\n' }
  const secret = [{ name: 'secret', kind: 'secret' }, ...fields] as const
  const read = (...pairs: string[]) => parseParams(pairs, secret, async (from) => files[from] ?? '')
  expect(await read('secret=@pw')).toEqual({ secret: 'p w ' })
  expect(await read('secret=@windows')).toEqual({ secret: 'pw' })
  expect(await read('secret=@key')).toEqual({ secret: 'BEGIN\nEND\n' })
  expect(await read('text=@pw')).toEqual({ text: 'p w \n' })
})
