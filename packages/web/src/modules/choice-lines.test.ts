import { expect, test } from 'vitest'
import { choicesText, parseChoices } from './choice-lines.ts'

test('lines of choices survive being read and written again, with both languages', () => {
  const text = 'a\nb = 乙\nc = 丙 / third\n--mode=fast'
  const choices = parseChoices(`${text}\n\n  `)
  expect(choices).toEqual([
    { value: 'a', title: { zh: 'a', en: 'a' } },
    { value: 'b', title: { zh: '乙', en: '乙' } },
    { value: 'c', title: { zh: '丙', en: 'third' } },
    { value: '--mode=fast', title: { zh: '--mode=fast', en: '--mode=fast' } },
  ])
  expect(choicesText(choices)).toBe(text)
})
