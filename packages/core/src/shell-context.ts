// Where in a shell text a value would stand: a plain word, inside quotes, in a comment, in a here-document.

/**
 * `plain`: where a word may stand. `double`, `single`, `ansi` ($'…'): inside those quotes. `heredoc`: in a body
 * that expands variables, `quotedHeredoc`: in one that does not. `escaped`: right after a backslash.
 */
type ShellContext =
  | 'plain'
  | 'double'
  | 'single'
  | 'ansi'
  | 'comment'
  | 'arithmetic'
  | 'heredoc'
  | 'quotedHeredoc'
  | 'escaped'

interface Frame {
  readonly kind: 'plain' | 'double' | 'single' | 'ansi' | 'comment' | 'arithmetic' | 'brace'
  /** What ends a plain frame. */
  readonly close?: ')' | '`'
  /** A `${…}` inside double quotes: single quotes mean nothing there. */
  readonly quoted?: boolean
}

interface Heredoc {
  readonly delimiter: string
  readonly quoted: boolean
  readonly tabs: boolean
}

export interface ShellReader {
  readonly read: (text: string) => void
  /** A value stands here. */
  readonly readWord: () => void
  readonly context: () => ShellContext
}

const heredocStart = /<<(-?)[ \t]*(?:'([^'\n]+)'|"([^"\n]+)"|(\\?[A-Za-z0-9_.-]+))/y
const wordBreak = /[\s;&|()]/

/**
 * Reads shell text piece by piece and tells where it stands. It knows the shell's quoting, not its grammar
 * (an unpaired `)` of a `case` inside `$(…)` misleads it), so nothing may be unsafe when it is wrong.
 */
export const shellReader = (): ShellReader => {
  const frames: Frame[] = [{ kind: 'plain' }]
  const waiting: Heredoc[] = []
  let body: Heredoc | undefined
  let line = ''
  let escaped = false
  let wordStart = true

  const top = (): Frame => frames.at(-1) ?? { kind: 'plain' }
  const push = (frame: Frame) => frames.push(frame)
  const pop = () => {
    if (frames.length > 1) frames.pop()
  }

  const readBody = (char: string, heredoc: Heredoc) => {
    if (char !== '\n') {
      line += char
      return
    }
    if ((heredoc.tabs ? line.replace(/^\t+/, '') : line) === heredoc.delimiter)
      body = waiting.shift()
    line = ''
  }

  /** Reads one sign of text at `at` and answers how many characters it took. */
  const readSign = (text: string, at: number): number => {
    const char = text[at] ?? ''
    const frame = top()
    if (frame.kind === 'single') {
      if (char === "'") pop()
      return 1
    }
    if (frame.kind === 'comment') {
      if (char !== '\n') return 1
      pop()
      return readSign(text, at)
    }
    if (char === '\\') {
      escaped = true
      return 1
    }
    if (frame.kind === 'ansi') {
      if (char === "'") pop()
      return 1
    }
    if (text.startsWith('$((', at)) {
      push({ kind: 'arithmetic' })
      return 3
    }
    if (text.startsWith('$(', at)) {
      push({ kind: 'plain', close: ')' })
      wordStart = true
      return 2
    }
    if (text.startsWith('${', at)) {
      push({ kind: 'brace', quoted: frame.kind === 'double' || frame.quoted === true })
      return 2
    }
    if (frame.kind === 'arithmetic') {
      if (text.startsWith('))', at)) {
        pop()
        return 2
      }
      if (char === '(') push({ kind: 'arithmetic' })
      if (char === ')') pop()
      return 1
    }
    if (char === '`') {
      if (frame.close === '`') pop()
      else push({ kind: 'plain', close: '`' })
      wordStart = true
      return 1
    }
    if (char === '"') {
      if (frame.kind === 'double') pop()
      else push({ kind: 'double' })
      return 1
    }
    if (frame.kind === 'double') return 1
    if (frame.kind === 'brace') {
      if (char === '}') pop()
      else if (char === "'" && !frame.quoted) push({ kind: 'single' })
      return 1
    }
    return readPlain(text, at, char, frame)
  }

  const readPlain = (text: string, at: number, char: string, frame: Frame): number => {
    if (text.startsWith("$'", at)) {
      push({ kind: 'ansi' })
      return 2
    }
    if (char === "'") push({ kind: 'single' })
    else if (char === '#' && wordStart) push({ kind: 'comment' })
    else if (char === '(') push({ kind: 'plain', close: ')' })
    else if (char === ')' && frame.close === ')') pop()
    else if (char === '\n') body = waiting.shift()
    else if (text.startsWith('<<<', at)) return 3
    else if (text.startsWith('<<', at)) {
      heredocStart.lastIndex = at
      const found = heredocStart.exec(text)
      if (found) {
        const bare = found[4] ?? ''
        waiting.push({
          delimiter: found[2] ?? found[3] ?? bare.replace('\\', ''),
          quoted: found[4] === undefined || bare.startsWith('\\'),
          tabs: found[1] === '-',
        })
        return found[0].length
      }
    }
    return 1
  }

  return {
    read: (text) => {
      for (let at = 0; at < text.length; ) {
        const char = text[at] ?? ''
        if (body) {
          readBody(char, body)
          at += 1
        } else if (escaped) {
          escaped = false
          wordStart = false
          at += 1
        } else {
          at += readSign(text, at)
          wordStart = wordBreak.test(text[at - 1] ?? '')
        }
      }
    },
    readWord: () => {
      escaped = false
      wordStart = false
      if (body) line += '\0'
    },
    context: () => {
      if (body) return body.quoted ? 'quotedHeredoc' : 'heredoc'
      if (escaped && top().kind !== 'single') return 'escaped'
      const { kind, quoted } = top()
      return kind === 'brace' ? (quoted ? 'double' : 'plain') : kind
    },
  }
}
