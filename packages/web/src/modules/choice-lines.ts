// Choices as lines of text, the way they are typed: `value`, or `value = title`, or `value = 中文 / English`.

import type { Choice } from '@omserver/core'

export const choicesText = (choices: readonly Choice[]): string =>
  choices
    .map(({ value, title }) => {
      if (title.zh === value && title.en === value) return value
      return `${value} = ${title.zh === title.en ? title.zh : `${title.zh} / ${title.en}`}`
    })
    .join('\n')

export const parseChoices = (text: string): { value: string; title: Choice['title'] }[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      // A value may hold `=` itself; only one with spaces round it begins a title.
      const [value = '', ...after] = line.split(/\s+=\s+/)
      const title = after.join(' = ')
      if (title === '') return { value, title: { zh: value, en: value } }
      const [zh = '', en = zh] = title.split(/\s+\/\s+/)
      return { value, title: { zh, en } }
    })
