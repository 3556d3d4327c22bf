// Where in a Python text a value would stand: in code, inside a string, or in a comment.

type PyContext = 'code' | 'string' | 'comment'

export interface PyReader {
  readonly read: (text: string) => void
  readonly context: () => PyContext
}

/** Reads Python piece by piece. It knows strings and comments, and no more. */
export const pyReader = (): PyReader => {
  let quotes = ''
  let comment = false

  const step = (text: string, at: number): number => {
    const char = text[at] ?? ''
    if (comment) {
      comment = char !== '\n'
      return 1
    }
    if (quotes === '') {
      if (char === '#') comment = true
      if (char !== '"' && char !== "'") return 1
      quotes = text.startsWith(char.repeat(3), at) ? char.repeat(3) : char
      return quotes.length
    }
    if (char === '\\') return 2
    if (text.startsWith(quotes, at)) {
      const length = quotes.length
      quotes = ''
      return length
    }
    // A string of one line ends with the line: one forgotten quote does not swallow the rest.
    if (char === '\n' && quotes.length === 1) quotes = ''
    return 1
  }

  return {
    read: (text) => {
      for (let at = 0; at < text.length; ) at += step(text, at)
    },
    context: () => (comment ? 'comment' : quotes === '' ? 'code' : 'string'),
  }
}
