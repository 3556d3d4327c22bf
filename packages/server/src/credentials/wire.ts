// The length-prefixed fields that OpenSSH keys are made of (RFC 4251 §5).

/** Reads fields one after another; throws RangeError at the end of the bytes. */
export class WireReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  uint32(): number {
    const value = this.#bytes.readUInt32BE(this.#at)
    this.#at += 4
    return value
  }

  field(): Buffer {
    const length = this.uint32()
    const from = this.#at
    if (from + length > this.#bytes.length) throw new RangeError('field beyond the end')
    this.#at = from + length
    return this.#bytes.subarray(from, from + length)
  }

  text(): string {
    return this.field().toString('latin1')
  }

  rest(): Buffer {
    return this.#bytes.subarray(this.#at)
  }
}

export const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

export const field = (value: Uint8Array | string): Buffer => {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'latin1') : value
  return Buffer.concat([uint32(bytes.length), bytes])
}

/** A positive number, big endian: shortest form, with a zero in front where the sign bit would be set. */
export const mpint = (value: Uint8Array): Buffer => {
  let from = 0
  while (from < value.length && value[from] === 0) from++
  const short = value.subarray(from)
  return field((short[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), short]) : short)
}
