// Numbers of things as people say them: `1 host`, `2 hosts`.

import { say } from './lang.ts'

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`

export const hostCount = (count: number): string =>
  say({ zh: `${count} 台`, en: plural(count, 'host') })
