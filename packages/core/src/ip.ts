// IP addresses and networks, parsed for real: `::1` and `0:0::1` are one address, `10.0.0.256` is none.

/** 16-bit groups: two of an IPv4 address, eight of an IPv6 address. */
export type Ip = readonly number[]

export interface Cidr {
  readonly ip: Ip
  readonly bits: number
}

// By hand: a network is looked for in 50,000 addresses at once, and a regular expression takes three times as long.
const parseV4 = (text: string): Ip | undefined => {
  if (text.length < 7 || text.length > 15) return undefined
  let value = 0
  let byte = 0
  let digits = 0
  let dots = 0
  for (let at = 0; at <= text.length; at += 1) {
    const code = at === text.length ? 46 : text.charCodeAt(at)
    if (code === 46) {
      if (digits === 0) return undefined
      value = value * 256 + byte
      byte = 0
      digits = 0
      dots += 1
    } else {
      // A leading zero means octal to some programs and nothing to others.
      if (code < 48 || code > 57 || (digits > 0 && byte === 0)) return undefined
      byte = byte * 10 + code - 48
      digits += 1
      if (byte > 255) return undefined
    }
  }
  return dots === 4 ? [Math.floor(value / 65536), value % 65536] : undefined
}

const hexGroups = (text: string): number[] | undefined => {
  if (text === '') return []
  const groups: number[] = []
  for (const part of text.split(':')) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined
    groups.push(Number.parseInt(part, 16))
  }
  return groups
}

const parseV6 = (text: string): Ip | undefined => {
  if (text.length > 45) return undefined
  let written = text
  // The last 32 bits may be written as an IPv4 address.
  const lastColon = text.lastIndexOf(':')
  if (text.includes('.')) {
    const tail = parseV4(text.slice(lastColon + 1))
    if (!tail) return undefined
    written = `${text.slice(0, lastColon + 1)}${tail.map((group) => group.toString(16)).join(':')}`
  }
  const halves = written.split('::')
  if (halves.length > 2) return undefined
  const head = hexGroups(halves[0] ?? '')
  const tail = hexGroups(halves[1] ?? '')
  if (!head || !tail) return undefined
  const zeros = 8 - head.length - tail.length
  if (halves.length === 1 ? zeros !== 0 : zeros < 1) return undefined
  const ip = [...head, ...Array<number>(zeros).fill(0), ...tail]
  // ::ffff:10.0.0.1 is 10.0.0.1
  return ip.slice(0, 5).every((group) => group === 0) && ip[5] === 0xffff ? ip.slice(6) : ip
}

/** undefined when the text is no IPv4 or IPv6 address. An IPv4-mapped IPv6 address is the IPv4 address. */
export const parseIp = (text: string): Ip | undefined =>
  text.includes(':') ? parseV6(text) : parseV4(text)

/** `10.0.0.0/8`, `fd00::/8`. Bits after the prefix may be set; they are ignored. */
export const parseCidr = (text: string): Cidr | undefined => {
  const slash = text.indexOf('/')
  const bits = text.slice(slash + 1)
  const ip = slash > 0 && /^\d{1,3}$/.test(bits) ? parseIp(text.slice(0, slash)) : undefined
  return ip && Number(bits) <= ip.length * 16 ? { ip, bits: Number(bits) } : undefined
}

export const inCidr = (ip: Ip, network: Cidr): boolean => {
  if (ip.length !== network.ip.length) return false
  let bits = network.bits
  for (let n = 0; bits > 0; n += 1, bits -= 16) {
    const shift = Math.max(0, 16 - bits)
    if ((ip[n] ?? 0) >> shift !== (network.ip[n] ?? 0) >> shift) return false
  }
  return true
}

/** One text for one address, however it was written. For comparing, not for people. */
export const ipKey = (ip: Ip): string => ip.join('.')

const dnsLabel = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/

/** Whether a host can be reached by it: IPv4, IPv6 or a DNS name of at most 253 characters. */
export const isAddress = (text: string): boolean => {
  if (parseIp(text)) return true
  if (text.length > 253) return false
  const labels = text.split('.')
  // Figures only in the last label is a mistyped IPv4 address.
  return labels.every((label) => dnsLabel.test(label)) && !/^\d+$/.test(labels.at(-1) ?? '')
}
