// The keyboard.

export { type KeyMap, sequenceReader, useKeys } from './keys.ts'
