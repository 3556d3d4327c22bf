// XML-RPC as funcd writes it, and as a hostile host might.

import { expect, test } from 'vitest'
import { jsonOf } from './value.ts'
import { methodCall } from './xml-rpc-call.ts'
import { BadAnswer, readResponse } from './xml-rpc-response.ts'

const answer = (value: string): Buffer =>
  Buffer.from(
    `<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n${value}\n</param>\n</params>\n</methodResponse>\n`,
  )

const read = (value: string) => {
  const response = readResponse(answer(value))
  return response.kind === 'value' ? jsonOf(response.value) : response
}

test.each([
  ['<value><int>3</int></value>', 3],
  ['<value><i4>-7</i4></value>', -7],
  ['<value><double>1.5e3</double></value>', 1500],
  ['<value><boolean>1</boolean></value>', true],
  ['<value><nil/></value>', null],
  ['<value>plain &lt;text&gt; &amp; &#233;&#x4e2d;</value>', 'plain <text> & é中'],
  ['<value> </value>', ' '],
  ['<value/>', ''],
  ['<value><string></string></value>', ''],
  ['<value><string/></value>', ''],
  ['<value><base64>\naGkK\n</base64></value>', 'hi\n'],
  ['<value><dateTime.iso8601>20100426T00:00:00</dateTime.iso8601></value>', '20100426T00:00:00'],
  ['<value><array><data/></array></value>', []],
  [
    '<value><array><data><value><int>3</int></value><value><base64>aGkK</base64></value></data></array></value>',
    [3, 'hi\n'],
  ],
  [
    '<value><struct>\n<member>\n<name>__proto__</name>\n<value><int>1</int></value>\n</member></struct></value>',
    JSON.parse('{"__proto__":1}'),
  ],
])('%s', (xml, value) => {
  expect(read(xml)).toEqual(value)
})

test('old text keeps its bytes, whatever they are', () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, n) => n)).filter(
    (byte) => ![38, 60, 62].includes(byte),
  )
  const [before, after] = answer('<value><string>|</string></value>').toString('latin1').split('|')
  const response = readResponse(
    Buffer.concat([Buffer.from(before ?? ''), bytes, Buffer.from(after ?? '')]),
  )
  expect(response).toEqual({ kind: 'value', value: Buffer.from(bytes) })
})

test('a fault', () => {
  const xml =
    '<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>1</int></value></member><member><name>faultString</name><value><string>AccessToMethodDenied:</string></value></member></struct></value></fault></methodResponse>'
  expect(readResponse(Buffer.from(xml))).toEqual({
    kind: 'fault',
    code: 1,
    text: 'AccessToMethodDenied:',
  })
})

test.each([
  ['nothing', ''],
  ['a page', '<html><body>502</body></html>'],
  ['an entity of its own', '<!DOCTYPE x [<!ENTITY a "aaaa">]><methodResponse/>'],
  ['a comment', answer('<value><!-- x --><int>1</int></value>').toString()],
  ['an unknown entity', answer('<value>&a;</value>').toString()],
  ['an entity beyond Unicode', answer('<value>&#x110000;</value>').toString()],
  ['half an answer', answer('<value><array><data><value>').toString().slice(0, 120)],
  ['text between tags', answer('<value><array>x<data></data></array></value>').toString()],
  ['an attribute', answer('<value a="1"><int>1</int></value>').toString()],
  ['a number that is none', answer('<value><int>1e9</int></value>').toString()],
  ['base64 that is none', answer('<value><base64>%%</base64></value>').toString()],
  ['two values', answer('<value><int>1</int></value><value><int>2</int></value>').toString()],
  ['something after its end', `${answer('<value/>')}<value/>`],
  ['a deep nest', answer('<value><array><data>'.repeat(5_000)).toString()],
  [
    'a million values',
    answer(`<value><array><data>${'<value/>'.repeat(1_000_000)}</data></array></value>`).toString(),
  ],
  ['more than 10 MB', answer(`<value>${'x'.repeat(11_000_000)}</value>`).toString()],
])('%s is refused, soon', (_name, xml) => {
  const from = performance.now()
  expect(() => readResponse(Buffer.from(xml))).toThrow(BadAnswer)
  expect(performance.now() - from).toBeLessThan(3_000)
})

test('a call is written as Python reads it', () => {
  expect(
    methodCall('command.run', [
      'a<b>&é',
      3,
      2 ** 40,
      1.5,
      false,
      null,
      Buffer.from('hi'),
      ['x'],
      { k: 1 },
    ]),
  ).toBe(
    '<?xml version="1.0"?>\n<methodCall><methodName>command.run</methodName><params>' +
      '<param><value><string>a&lt;b&gt;&amp;é</string></value></param><param><value><int>3</int></value></param>' +
      '<param><value><i8>1099511627776</i8></value></param><param><value><double>1.5</double></value></param>' +
      '<param><value><boolean>0</boolean></value></param><param><value><nil/></value></param>' +
      '<param><value><base64>aGk=</base64></value></param>' +
      '<param><value><array><data><value><string>x</string></value></data></array></value></param>' +
      '<param><value><struct><member><name>k</name><value><int>1</int></value></member></struct></value></param>' +
      '</params></methodCall>',
  )
  for (const bad of ['a\u0001', 'a\rb', '\ud800', '\u0000']) {
    expect(() => methodCall('test.echo', [bad])).toThrow(/XML cannot carry/)
  }
})
