// What hosts print, made safe to read: bytes to text, terminal escapes and control signs removed.

/** Whether `encoding` of a host can be decoded: a label of the WHATWG list such as `gb18030`. */
export const isEncoding = (label: string): boolean => {
  try {
    return new TextDecoder(label).encoding !== 'replacement'
  } catch {
    return false
  }
}

/** Bytes that are not of the encoding (UTF-8 when absent or unknown) become U+FFFD. Never throws. */
export const decodeOutput = (bytes: Uint8Array, encoding?: string): string =>
  new TextDecoder(encoding !== undefined && isEncoding(encoding) ? encoding : 'utf-8').decode(bytes)

// Each begins with ESC (or its one-byte form), which no class behind it holds: time stays linear.
const escapes =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])(?:[^\x07\x1b\x90\x98\x9c-\x9f\n]*(?:\x07|\x1b\\|\x9c))?|\x1b[ -/]*[0-~]?/g

// Control signs, and the marks that turn the direction of text round: an output must not hide what it says.
const controls =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g

/**
 * Plain text as a person would have seen it: colours and titles gone, of a progress line written over and over
 * (`\r`) its last state, backspaces applied. Keeps `\n` and `\t`. Linear in the length of the text.
 */
export const stripTerminal = (text: string): string =>
  text
    .replace(escapes, '')
    .split('\n')
    .map((line) => erase(lastState(line)))
    .join('\n')
    .replace(controls, '')

const lastState = (line: string): string => {
  if (!line.includes('\r')) return line
  let end = line.length
  while (end > 0 && line[end - 1] === '\r') end -= 1
  return line.slice(line.lastIndexOf('\r', end - 1) + 1, end)
}

/** `N\bN` is how manuals print bold. */
const erase = (line: string): string => {
  if (!line.includes('\b')) return line
  const kept: string[] = []
  for (const char of line) {
    if (char === '\b') kept.pop()
    else kept.push(char)
  }
  return kept.join('')
}
