// The ssh agent of one play: signs with the keys of its credentials, which never leave this process.
// (ssh2 has such a server; it loses its place at the extensions that OpenSSH 8.9 and later ask for.)

import { createServer, type Socket } from 'node:net'
import type { ParsedKey } from 'ssh2'

export interface KeyAgent {
  readonly socket: string
  /** Returns its public key, as a line of OpenSSH. */
  add(key: ParsedKey): string
  close(): void
}

/** draft-miller-ssh-agent */
const FAILURE = 5
const REQUEST_IDENTITIES = 11
const IDENTITIES = 12
const SIGN_REQUEST = 13
const SIGNATURE = 14
const RSA_SHA2_256 = 2
const RSA_SHA2_512 = 4
const MAX_BYTES = 256 * 1024

const withLength = (bytes: Uint8Array | string): Buffer => {
  const content = Buffer.from(bytes)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(content.length)
  return Buffer.concat([length, content])
}

const message = (type: number, ...parts: readonly Uint8Array[]): Buffer =>
  withLength(Buffer.concat([Buffer.of(type), ...parts]))

const count = (number: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(number)
  return bytes
}

/** The two numbers of an ECDSA signature, out of DER: both are written alike there, but for their lengths. */
const pairOf = (der: Buffer): Buffer => {
  let at = (der[1] ?? 0) & 0x80 ? 3 : 2
  const parts: Buffer[] = []
  for (let nth = 0; nth < 2; nth++) {
    const size = der[at + 1] ?? 0
    parts.push(withLength(der.subarray(at + 2, at + 2 + size)))
    at += 2 + size
  }
  return Buffer.concat(parts)
}

const signed = (key: ParsedKey, data: Buffer, flags: number): Buffer => {
  const rsa = key.type === 'ssh-rsa'
  const hash =
    rsa && flags & RSA_SHA2_512 ? 'sha512' : rsa && flags & RSA_SHA2_256 ? 'sha256' : undefined
  const algorithm = hash === undefined ? key.type : `rsa-sha2-${hash.slice(3)}`
  const signature: unknown = key.sign(data, hash)
  if (!Buffer.isBuffer(signature)) return message(FAILURE)
  const blob = key.type.startsWith('ecdsa') ? pairOf(signature) : signature
  return message(SIGNATURE, withLength(Buffer.concat([withLength(algorithm), withLength(blob)])))
}

export const startKeyAgent = async (socket: string): Promise<KeyAgent> => {
  const keys = new Map<string, ParsedKey>()
  const open = new Set<Socket>()

  const answer = (asked: Buffer): Buffer => {
    if (asked[0] === REQUEST_IDENTITIES) {
      const all = [...keys.values()].flatMap((key) => [
        withLength(key.getPublicSSH()),
        withLength(key.comment ?? ''),
      ])
      return message(IDENTITIES, count(keys.size), ...all)
    }
    if (asked[0] !== SIGN_REQUEST) return message(FAILURE)
    const blobEnd = 5 + asked.readUInt32BE(1)
    const dataEnd = blobEnd + 4 + asked.readUInt32BE(blobEnd)
    const key = keys.get(asked.subarray(5, blobEnd).toString('base64'))
    if (key === undefined) return message(FAILURE)
    return signed(key, asked.subarray(blobEnd + 4, dataEnd), asked.readUInt32BE(dataEnd))
  }

  const server = createServer((connection) => {
    let held: Buffer = Buffer.alloc(0)
    open.add(connection)
    connection.on('error', () => connection.destroy())
    connection.on('close', () => open.delete(connection))
    connection.on('data', (bytes) => {
      held = Buffer.concat([held, bytes])
      try {
        while (held.length >= 4 && held.length >= 4 + held.readUInt32BE(0)) {
          const end = 4 + held.readUInt32BE(0)
          connection.write(answer(held.subarray(4, end)))
          held = held.subarray(end)
        }
      } catch {
        connection.destroy()
      }
      if (held.length > MAX_BYTES) connection.destroy()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(socket, resolve)
  })
  return {
    socket,
    add(key) {
      const blob = key.getPublicSSH().toString('base64')
      keys.set(blob, key)
      return `${key.type} ${blob}`
    },
    close() {
      server.close()
      for (const connection of open) connection.destroy()
      keys.clear()
    },
  }
}
