// A master cuts what is too large for one of its events, and nobody has the rest then, salt-api neither.

const TRIMMED = 'VALUE_TRIMMED'
export const TRIMMED_TEXT =
  'the master has cut what the minion returned: it is larger than its max_event_size'

export const isTrimmed = (value: unknown): boolean =>
  value === TRIMMED ||
  (typeof value === 'object' && value !== null && Object.values(value).includes(TRIMMED))
