// Writes a call as XML-RPC: the few tags that Python's xmlrpclib reads.

import type { FuncArgument } from './value.ts'

/** What XML 1.0 cannot carry, or changes on the way: control characters, and the return that becomes a line feed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for.
const uncarried = /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])/

const escapeText = (text: string): string => {
  if (uncarried.test(text)) throw new Error('an argument holds characters that XML cannot carry')
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

const numberTag = (value: number): string => {
  if (!Number.isFinite(value)) throw new Error('an argument is not a number that can be sent')
  if (!Number.isInteger(value)) return `<double>${value}</double>`
  if (!Number.isSafeInteger(value)) throw new Error('a number is too large to be sent exactly')
  return Math.abs(value) < 2 ** 31 ? `<int>${value}</int>` : `<i8>${value}</i8>`
}

const isListed = (value: object): value is readonly FuncArgument[] => Array.isArray(value)

const encode = (value: FuncArgument): string => {
  if (value === null) return '<nil/>'
  if (typeof value === 'boolean') return `<boolean>${value ? 1 : 0}</boolean>`
  if (typeof value === 'number') return numberTag(value)
  if (typeof value === 'string') return `<string>${escapeText(value)}</string>`
  if (value instanceof Uint8Array) {
    return `<base64>${Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64')}</base64>`
  }
  if (isListed(value)) return `<array><data>${value.map(valueTag).join('')}</data></array>`
  const members = Object.entries(value).map(
    ([name, one]) => `<member><name>${escapeText(name)}</name>${valueTag(one)}</member>`,
  )
  return `<struct>${members.join('')}</struct>`
}

const valueTag = (value: FuncArgument): string => `<value>${encode(value)}</value>`

/** Throws for what cannot be sent as it is. */
export const methodCall = (method: string, args: readonly FuncArgument[]): string => {
  const params = args.map((value) => `<param>${valueTag(value)}</param>`).join('')
  return `<?xml version="1.0"?>\n<methodCall><methodName>${escapeText(method)}</methodName><params>${params}</params></methodCall>`
}
