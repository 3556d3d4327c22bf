// CSV that a spreadsheet may open without running what a host or a person has written into it.

/** Excel takes a file without it for the code page of the machine, and Chinese text for noise. */
export const CSV_START = '\ufeff'

/** One line, ended. Cells that a spreadsheet would read as a formula get an apostrophe before them. */
export const csvLine = (cells: readonly (string | number | boolean | null | undefined)[]): string =>
  `${cells.map(cellOf).join(',')}\r\n`

const cellOf = (cell: string | number | boolean | null | undefined): string => {
  if (cell === null || cell === undefined) return ''
  if (typeof cell !== 'string') return String(cell)
  const safe = /^[=+\-@\t\r\n＝＋－＠]/u.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
