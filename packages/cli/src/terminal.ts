// What the terminal can do, and text written for it.

import { once } from 'node:events'
import { stripTerminal } from '@omserver/core'
import { cellsOf } from './cells.ts'
import { EXIT_USAGE, ExitError } from './exit.ts'
import { say } from './lang.ts'

export const isTty = (): boolean => process.stdout.isTTY === true

const colourOn = (): boolean => isTty() && !process.env['NO_COLOR']

const paint = (code: string) => (text: string) =>
  colourOn() ? `\u001b[${code}m${text}\u001b[0m` : text
export const red = paint('31')
export const green = paint('32')
export const yellow = paint('33')
export const blue = paint('34')
export const dim = paint('2')
export const bold = paint('1')

/** Cells a text takes, escapes not counted. */
const widthOf = (text: string): number => cellsOf(stripTerminal(text))

const padTo = (text: string, cells: number): string =>
  text + ' '.repeat(Math.max(0, cells - widthOf(text)))

/** Lines of a plain table: columns separated by two spaces, the last not padded. */
export const tableLines = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string[] => {
  const widths = head.map((title, column) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(row[column] ?? ''))),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        column === cells.length - 1 ? cell : padTo(cell, widths[column] ?? 0),
      )
      .join('  ')
  return [bold(line(head)), ...rows.map(line)]
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ourColours = /(\u001b\[\d{0,2}m)/

/**
 * Text that may hold what a host or another person wrote, for a terminal: nothing in it moves the cursor, sets a
 * title or fills the clipboard. Colours stay, as `paint` made them.
 */
export const tame = (text: string): string =>
  text
    .split(ourColours)
    .map((part, index) => (index % 2 === 1 ? part : stripTerminal(part)))
    .join('')

export const print = (...lines: string[]): void => {
  for (const line of lines) process.stdout.write(`${isTty() ? tame(line) : line}\n`)
}

/** The signs from U+007F on that JSON leaves as they are, and terminals obey. */
const obeyed = /[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

export const jsonText = (value: unknown): string =>
  JSON.stringify(value).replace(
    obeyed,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

export const printJson = (value: unknown): void => {
  process.stdout.write(`${jsonText(value)}\n`)
}

/** Output of a host as it came for a file or a pipe; on a terminal only what can be read. */
export const writeOutput = (stream: NodeJS.WriteStream, text: string): void => {
  stream.write(stream.isTTY ? stripTerminal(text) : text)
}

/** Resolves when standard output has room again: a slow reader must slow us, not fill our memory. */
export const printed = async (): Promise<void> => {
  if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain')
}

export const warn = (line: string): void => {
  process.stderr.write(`${process.stderr.isTTY ? tame(line) : line}\n`)
}

let stdinTaken = false

/** Standard input is read once: a second option that asks for it would silently get nothing. */
export const readStdinBytes = async (): Promise<Buffer> => {
  if (stdinTaken) {
    throw new ExitError(
      EXIT_USAGE,
      say({
        zh: '标准输入只能用于一项。',
        en: 'Standard input can carry only one thing; give the other another way.',
      }),
    )
  }
  stdinTaken = true
  const chunks: Uint8Array[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks)
}

/** Reads a whole standard input as text, without its last newline. */
export const readStdin = async (): Promise<string> =>
  textOf(await readStdinBytes(), say({ zh: '标准输入', en: 'Standard input' })).replace(
    /\r?\n$/,
    '',
  )

/** Text must be UTF-8: anything else would reach the hosts as other bytes than these. */
export const textOf = (bytes: Uint8Array, from: string): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new ExitError(
      EXIT_USAGE,
      say({
        zh: `${from} 不是 UTF-8 文本（可能是 GBK 或二进制）。请先转换，例如 iconv -f gb18030 -t utf-8。`,
        en: `${from} is not UTF-8 text (GBK perhaps, or binary). Convert it first, for example with iconv -f gb18030 -t utf-8.`,
      }),
    )
  }
}
