// The keyboard.

export { type KeyMap, useKeys } from './keys.ts'
