// What Python's xmlrpclib reads and writes in funcd, byte for byte. Written apart from the driver's own codec, so that a
// misunderstanding there is not made good here.

export type Value = null | boolean | number | string | Buffer | readonly Value[]

export interface Asked {
  readonly method: string
  readonly args: readonly Value[]
  /** Those that came as `<base64>`: Python has them as objects. */
  readonly bytes: ReadonlySet<Value>
}

const plain = (escaped: string): string =>
  escaped.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')

const typed =
  /^<value><(nil)\/><\/value>|^<value><(boolean|int|i8|double|string|base64)>([^<]*)<\/\2><\/value>/

export const readCall = (body: Buffer): Asked => {
  const xml = body.toString('utf8')
  const method = /<methodName>([^<]+)<\/methodName>/.exec(xml)?.[1] ?? ''
  const bytes = new Set<Value>()
  let rest = /<params>([\s\S]*)<\/params>/.exec(xml)?.[1] ?? ''
  /** Python puts line breaks between tags; within text they count. */
  const take = (tag: RegExp): boolean => {
    const found = tag.exec(rest)
    if (found) rest = rest.slice(found[0].length)
    return found !== null
  }
  const one = (): Value => {
    take(/^\s*/)
    if (take(/^<value><array><data>\s*/)) {
      const items: Value[] = []
      while (!take(/^\s*<\/data><\/array><\/value>\s*/)) items.push(one())
      return items
    }
    const found = typed.exec(rest)
    if (!found) throw new Error(`not what xmlrpclib reads: ${rest.slice(0, 80)}`)
    rest = rest.slice(found[0].length)
    const [, nil, tag, content = ''] = found
    if (nil) return null
    if (tag === 'boolean') return content === '1'
    if (tag === 'string') return plain(content)
    if (tag !== 'base64') return Number(content)
    const value = Buffer.from(content, 'base64')
    bytes.add(value)
    return value
  }
  const args: Value[] = []
  while (take(/^\s*<param>/)) {
    args.push(one())
    take(/^\s*<\/param>/)
  }
  return { method, args, bytes }
}

/** xmlrpclib writes bytes of text as they are, and breaks base64 after 76 letters. */
const write = (value: Value, strings: 'string' | 'base64'): Buffer[] => {
  const tag = (name: string, content: string | Buffer): Buffer[] => [
    Buffer.from(`<value><${name}>`),
    Buffer.from(content),
    Buffer.from(`</${name}></value>\n`),
  ]
  if (value === null) return [Buffer.from('<value><nil/></value>')]
  if (typeof value === 'boolean') return tag('boolean', value ? '1' : '0')
  if (typeof value === 'number')
    return tag(Number.isInteger(value) ? 'int' : 'double', String(value))
  if (typeof value === 'string' || Buffer.isBuffer(value)) {
    const bytes = Buffer.from(value)
    if (strings === 'base64') {
      return tag('base64', `\n${bytes.toString('base64').replace(/.{1,76}/g, '$&\n')}`)
    }
    const escaped = bytes
      .toString('latin1')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
    return tag('string', Buffer.from(escaped, 'latin1'))
  }
  return [
    Buffer.from('<value><array><data>\n'),
    ...value.flatMap((one) => write(one, strings)),
    Buffer.from('</data></array></value>\n'),
  ]
}

export const answerXml = (value: Value, strings: 'string' | 'base64'): Buffer =>
  Buffer.concat([
    Buffer.from("<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n"),
    ...write(value, strings),
    Buffer.from('</param>\n</params>\n</methodResponse>\n'),
  ])

export const faultXml = (code: number, text: string): Buffer =>
  Buffer.from(
    `<?xml version='1.0'?>\n<methodResponse>\n<fault>\n<value><struct>\n<member>\n<name>faultCode</name>\n<value><int>${code}</int></value>\n</member>\n<member>\n<name>faultString</name>\n<value><string>${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</string></value>\n</member>\n</struct></value>\n</fault>\n</methodResponse>\n`,
  )
