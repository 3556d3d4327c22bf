// Names that nobody can guess: drawn from the system a page at a time, because asking costs more than the bytes.

import { randomFillSync } from 'node:crypto'

const TOKEN_BYTES = 10

const page = Buffer.allocUnsafeSlow(TOKEN_BYTES * 400)
let at = page.length

/** 20 hex digits, never the same twice. */
export const randomToken = (): string => {
  if (at === page.length) {
    randomFillSync(page)
    at = 0
  }
  const token = page.toString('hex', at, at + TOKEN_BYTES)
  page.fill(0, at, at + TOKEN_BYTES)
  at += TOKEN_BYTES
  return token
}
