// Bytes of a hosts file to text: what Excel in China saves is GBK, what it exports as Unicode is UTF-16.

/** By its byte order mark; else UTF-8 if every byte fits, else GB18030 (which holds GBK and GB2312). */
export const decodeText = (bytes: Uint8Array): string => {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('gb18030').decode(bytes)
  }
}
