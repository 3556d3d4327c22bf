// A password to hand out: long enough, and without letters that are mistaken for each other. Pure.

const letters = 'abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'
const LENGTH = 20

/** `randomBelow(n)` gives 0 … n-1 from a source fit for secrets. About 115 bits. */
export const newPassword = (randomBelow: (limit: number) => number): string =>
  Array.from({ length: LENGTH }, () => letters[randomBelow(letters.length)] ?? 'x').join('')
