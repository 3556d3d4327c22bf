// Cuts a long YAML list of hosts into pieces that are parsed one by one, and refuses what would exhaust the parser.

export interface Piece {
  readonly text: string
  /** Lines of the file before it. */
  readonly above: number
}

/** What is not a plain list is parsed in one piece: 2 s for this much, 10 s where every second sign is wrong. */
const WHOLE_MAX = 1024 * 1024
const PIECE_MAX = 256 * 1024
const PIECE_GOAL = 64 * 1024
const MAX_LEVELS = 64

/**
 * `list`: pieces of the list under `hosts:`. `whole`: the file as it is. `tooLarge`, `tooDeep`: neither will do.
 * 100,000 hosts in one document take 4 GB of memory, and ten megabytes of `[` take all there is.
 */
export type Pieces =
  | { readonly kind: 'list'; readonly pieces: readonly Piece[] }
  | { readonly kind: 'whole' }
  | { readonly kind: 'tooLarge'; readonly bytes: number }
  | { readonly kind: 'tooDeep' }

export const piecesOf = (text: string): Pieces => {
  if (isTooDeep(text)) return { kind: 'tooDeep' }
  const pieces = listPieces(text)
  if (pieces) return { kind: 'list', pieces }
  return text.length > WHOLE_MAX ? { kind: 'tooLarge', bytes: WHOLE_MAX } : { kind: 'whole' }
}

/** By brackets and by dashes on one line; other levels need blanks that grow, so that the length bounds them. */
const isTooDeep = (text: string): boolean => {
  let open = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 91 || code === 123) open += 1
    else if ((code === 93 || code === 125) && open > 0) open -= 1
    if (open > MAX_LEVELS) return true
  }
  return /^(?:[ \t]*[-?:](?=[ \t])){64}/m.test(text)
}

/**
 * undefined unless the file is `hosts:` and items at one indentation, and nothing in it refers to another part of
 * it. A line at the items' indentation that begins with a dash can be nothing but the next item.
 */
const listPieces = (text: string): Piece[] | undefined => {
  const head = /^(?:---[ \t]*\r?\n|[ \t]*(?:#[^\n]*)?\n)*hosts:[ \t]*(?:#[^\n]*)?\r?\n/.exec(
    text,
  )?.[0]
  if (head === undefined || /(?:^|[\s,[{])[&*]\w/m.test(text)) return undefined
  const pieces: Piece[] = []
  let above = head.split('\n').length - 1
  let start = head.length
  let line = above
  let indent: number | undefined
  for (let at = start; at < text.length; line += 1) {
    const newline = text.indexOf('\n', at)
    const next = newline < 0 ? text.length : newline + 1
    const content = text.slice(at, Math.min(next, at + 300))
    const blanks = content.length - content.trimStart().length
    const nothing = content.trim() === '' || content[blanks] === '#'
    const item = /^-(?:[ \t\r\n]|$)/.test(content.slice(blanks))
    if (!nothing) {
      indent ??= item ? blanks : -1
      if (indent < 0 || blanks < indent || (blanks === indent && !item)) return undefined
      if (item && blanks === indent && at - start > PIECE_GOAL) {
        pieces.push({ text: text.slice(start, at), above })
        start = at
        above = line
      }
    }
    if (next - start > PIECE_MAX) return undefined
    at = next
  }
  if (indent === undefined) return undefined
  return [...pieces, { text: text.slice(start), above }]
}
