// Tar archives of plain files (POSIX pax), written piece by piece.

const BLOCK = 512

export const tarEnd: Uint8Array = Buffer.alloc(2 * BLOCK)

/** After the content, up to the next block. */
export const tarPadding = (size: number): Uint8Array =>
  Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK)

const octal = (value: number, length: number): string =>
  `${value.toString(8).padStart(length - 1, '0')}\0`

const header = (name: string, size: number, mtime: number, type: '0' | 'x'): Buffer => {
  const block = Buffer.alloc(BLOCK)
  block.write(name, 0, 100)
  block.write(octal(0o644, 8), 100)
  block.write(octal(0, 8), 108)
  block.write(octal(0, 8), 116)
  block.write(octal(size, 12), 124)
  block.write(octal(mtime, 12), 136)
  block.write(' '.repeat(8), 148)
  block.write(type, 156)
  block.write('ustar\x0000', 257)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

/** A pax record says its own length, which is part of it. */
const record = (key: string, value: string): Buffer => {
  const rest = Buffer.byteLength(` ${key}=${value}\n`)
  let length = rest + 1
  while (String(length).length + rest !== length) length = String(length).length + rest
  return Buffer.from(`${length} ${key}=${value}\n`)
}

export const tarHeader = (file: {
  readonly name: string
  readonly size: number
  /** s since 1970. */
  readonly mtime: number
}): Uint8Array => {
  const { name, size, mtime } = file
  const isPlain = /^[\x20-\x7e]*$/.test(name) && name.length <= 100
  if (isPlain) return header(name, size, mtime, '0')
  const path = record('path', name)
  return Buffer.concat([
    header('pax', path.length, mtime, 'x'),
    path,
    tarPadding(path.length),
    header(name.slice(-50).replace(/[^\x20-\x7e]/g, '_'), size, mtime, '0'),
  ])
}
