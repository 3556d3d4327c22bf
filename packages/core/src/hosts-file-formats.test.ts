// Checks of hosts files in every format and encoding: what is read from each, and what is wrong with its line.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytes, problems, read } from './hosts-file.fixture.ts'
import { parseHostsFile } from './hosts-file.ts'

describe('YAML', () => {
  test('every key, in one line and in several', () => {
    const { hosts, problems: wrong } = read(
      `# our hosts
hosts:
  - { name: web-1, address: 10.0.0.11, port: 22, credential: lab, driver: ssh, labels: { idc: sz, 业务: 商城, v: 012 } }
  - name: "db 1".replace
`.replace('"db 1".replace', 'db-1') +
        `    address: fd00::1
    outerAddress: 1.2.3.4
    jumpHost: web-1
    encoding: gb18030
    labels:
      note: "a: b"
      none:
`,
    )
    expect(wrong).toEqual([])
    expect(hosts).toEqual([
      {
        line: 3,
        name: 'web-1',
        address: '10.0.0.11',
        port: 22,
        credential: 'lab',
        driver: 'ssh',
        labels: { idc: 'sz', 业务: '商城', v: '012' },
      },
      {
        line: 4,
        name: 'db-1',
        address: 'fd00::1',
        outerAddress: '1.2.3.4',
        jump: 'web-1',
        encoding: 'gb18030',
        labels: { note: 'a: b' },
      },
    ])
  })

  test('what is wrong is named with its line', () => {
    expect(
      problems(`hosts:
  - { name: a, address: 10.0.0.256 }
  - { name: b, address: 10.0.0.1, port: 99999 }
  - { name: b c, address: 10.0.0.1, driver: telnet }
  - { name: d, address: 10.0.0.1, adress: x }
  - { name: e, address: 10.0.0.2 }
  - { name: e, address: 10.0.0.3 }
  - just text
  - { name: f }
  - { name: g, address: [1], labels: x }
`),
    ).toEqual([
      [2, 16, 'ADDRESS'],
      [3, 35, 'PORT'],
      [4, 7, 'NAME'],
      [4, 37, 'DRIVER'],
      [5, 35, 'KEY'],
      [7, 7, 'DUPLICATE'],
      [8, 5, 'SHAPE'],
      [9, undefined, 'ADDRESS_MISSING'],
      [10, 16, 'VALUE'],
      [10, 30, 'VALUE'],
    ])
    expect(problems('hosts:\n  - {name: a, address: b\n  - x: [')).toEqual(
      expect.arrayContaining([[3, 3, 'SYNTAX']]),
    )
    expect(problems('hosts: 5')).toEqual([[1, 1, 'SHAPE']])
    expect(problems('')).toEqual([[1, undefined, 'EMPTY']])
    expect(problems('hosts: []\nother: 1')).toEqual([[2, 1, 'KEY']])
    expect(
      problems('hosts: []\nhosts: [{ name: a, name: b, address: c, labels: { x: 1, x: 2 } }]').map(
        ([, , code]) => code,
      ),
    ).toContain('COLUMN_TWICE')
    expect(
      problems('hosts:\n  - { name: a, name: b, address: c, labels: { x: 1, x: 2 } }'),
    ).toEqual([
      [2, 16, 'COLUMN_TWICE'],
      [2, 53, 'COLUMN_TWICE'],
    ])
  })

  test('JSON, anchors and items without indentation are YAML too', () => {
    expect(read('{"hosts": [{"name": "a", "address": "10.0.0.1"}]}').hosts).toHaveLength(1)
    expect(
      read(
        'hosts:\n- { name: a, address: 10.0.0.1, labels: &l { idc: sz } }\n- { name: b, address: 10.0.0.2, labels: *l }\n',
      ).hosts[1]?.labels,
    ).toEqual({ idc: 'sz' })
    expect(read('- { name: a, address: 10.0.0.1 }', 'yaml').hosts).toHaveLength(1)
  })

  test('a plain line is read as the YAML parser reads it', () => {
    const word = fc.constantFrom(
      'a',
      'web-1',
      '10.0.0.1',
      '12',
      'null',
      '~',
      'yes',
      '中',
      'a b',
      '"q"',
      'x: y',
      'fd00::1',
      '#c',
      '-',
      '',
    )
    const key = fc.constantFrom(
      'name',
      'address',
      'port',
      'labels',
      'jumpHost',
      'nope',
      'credential',
    )
    const entry = fc.tuple(key, word).map(([one, other]) => `${one}: ${other}`)
    const labels = fc
      .array(fc.tuple(word, word), { maxLength: 2 })
      .map((all) => `labels: { ${all.map(([a, b]) => `${a}: ${b}`).join(', ')} }`)
    const line = fc
      .array(fc.oneof(entry, labels), { maxLength: 5 })
      .map((parts) => `  - { ${parts.join(', ')} }`)
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 3 }), (lines) => {
        const plain = `hosts:\n${lines.join('\n')}\n`
        // The comment behind the braces sends the line to the parser.
        const parsed = `hosts:\n${lines.map((one) => `${one} # x`).join('\n')}\n`
        const withoutColumns = (text: string) => {
          const found = read(text, 'yaml')
          return {
            ...found,
            problems: found.problems.map(({ line: at, code, details }) => ({ at, code, details })),
          }
        }
        expect(withoutColumns(plain)).toEqual(withoutColumns(parsed))
      }),
      { numRuns: 1500 },
    )
  })

  test('lines are right in a long file', () => {
    const lines = Array.from(
      { length: 5000 },
      (_, n) =>
        `  - { name: w-${n}, address: ${n === 4321 ? '1.1.1.999' : '10.0.0.1'}, labels: { note: "q" } }`,
    )
    const { hosts, problems: wrong } = read(`hosts:\n${lines.join('\n')}\n`)
    expect(wrong).toMatchObject([{ line: 4323, code: 'HOSTS_FILE_ADDRESS' }])
    expect(hosts[4998]).toMatchObject({ line: 5001, name: 'w-4999' })
  })
})

describe('CSV', () => {
  const chinese =
    '主机名,内网IP,外网IP,端口,凭据,执行通道,跳板机,机房,业务,应用,环境,角色,标签:负责人\nweb-1,10.0.0.1,1.2.3.4,2222,lab,ssh,gw,深圳,商城,nginx,prod,前端,"张三,\n""四"""\n'
  const web = {
    line: 2,
    name: 'web-1',
    address: '10.0.0.1',
    outerAddress: '1.2.3.4',
    port: 2222,
    credential: 'lab',
    driver: 'ssh',
    jump: 'gw',
    labels: { idc: '深圳', business: '商城', app: 'nginx', env: 'prod', role: '前端' },
  }

  test('Chinese titles in UTF-8, with a mark, in GBK and in UTF-16', () => {
    const plain = chinese.replace('"张三,\n""四"""', '张三')
    const expected = {
      hosts: [{ ...web, labels: { ...web.labels, 负责人: '张三' } }],
      problems: [],
      ignored: [],
      unknown: [],
      format: 'csv',
    }
    expect(read(plain)).toEqual(expected)
    expect(read(`\ufeff${plain}`)).toEqual(expected)
    const utf16 = new Uint8Array(
      Array.from(`\ufeff${plain}`).flatMap((sign) => [
        sign.charCodeAt(0) & 255,
        sign.charCodeAt(0) >> 8,
      ]),
    )
    expect(parseHostsFile({ bytes: utf16 })).toEqual(expected)
    // 主机名,内网IP,机房 / web-1,10.0.0.1,深圳 as Excel in China saves it.
    const gbk = new Uint8Array([
      0xd6,
      0xf7,
      0xbb,
      0xfa,
      0xc3,
      0xfb,
      0x2c,
      0xc4,
      0xda,
      0xcd,
      0xf8,
      0x49,
      0x50,
      0x2c,
      0xbb,
      0xfa,
      0xb7,
      0xbf,
      0x0d,
      0x0a,
      ...bytes('web-1,10.0.0.1,'),
      0xc9,
      0xee,
      0xdb,
      0xda,
      0x0d,
      0x0a,
    ])
    expect(parseHostsFile({ bytes: gbk }).hosts).toEqual([
      { line: 2, name: 'web-1', address: '10.0.0.1', labels: { idc: '深圳' } },
    ])
  })

  test('quotes hold commas, line ends and quotes; a control sign in a label is refused', () => {
    expect(
      read(
        'name,address,label:note\n"web-1","10.0.0.1","a, ""b"""\n"x\ny",1.1.1.1,\nlast,10.0.0.2,\n',
      ),
    ).toMatchObject({
      hosts: [
        { line: 2, labels: { note: 'a, "b"' } },
        { line: 5, name: 'last', labels: {} },
      ],
      problems: [{ line: 3, column: 1, code: 'HOSTS_FILE_NAME' }],
    })
  })

  test('semicolons, tabs, sep=, comments, a missing name', () => {
    expect(read('sep=;\nname;ip\na;10.0.0.1').hosts).toMatchObject([{ line: 3, name: 'a' }])
    expect(read('IP\tApp\n10.0.0.1\tnginx\n', undefined, 'x.tsv').hosts).toEqual([
      { line: 2, name: '10.0.0.1', address: '10.0.0.1', labels: { app: 'nginx' } },
    ])
    expect(read('# ours\n\nname,ip\n#off,10.0.0.2\n\na,10.0.0.1').hosts).toMatchObject([
      { line: 6 },
    ])
  })

  test('what is wrong is named with its line and cell', () => {
    expect(problems('name,ip,colour\na,10.0.0.1,red')).toEqual([[1, 3, 'COLUMN']])
    expect(problems('name,ip,name\na,10.0.0.1,b')).toEqual([[1, 3, 'COLUMN_TWICE']])
    expect(problems('name,port\na,1', 'csv')).toEqual([[1, undefined, 'COLUMN_MISSING']])
    expect(problems('name,ip\na,10.0.0.1,c,d\nb,10.0.0.300\nc,"10.0.0.1')).toEqual([
      [2, 3, 'CELLS'],
      [3, 2, 'ADDRESS'],
      [4, 2, 'QUOTE'],
    ])
  })
})

describe('Ansible', () => {
  test('INI: groups, children, variables, ranges, ports', () => {
    const {
      hosts,
      problems: wrong,
      ignored,
    } = read(`
mail.example.com ansible_user=root
[web]
www[01:02].example.com ansible_port=2222 idc=sz   # ours
web-9:2200 ansible_host="10.0.0.9" app='ng inx'
[db]
db-[a:b] ansible_connection=docker
[prod:children]
web
db
[prod:vars]
env=prod
secret_password=hunter2
[web:vars]
env = test
`)
    expect(wrong).toEqual([])
    expect(hosts).toEqual([
      { line: 2, name: 'mail.example.com', address: 'mail.example.com', labels: {} },
      ...['www01.example.com', 'www02.example.com'].map((name) => ({
        line: 4,
        name,
        address: name,
        port: 2222,
        labels: { 'group.prod': 'yes', 'group.web': 'yes', env: 'test', idc: 'sz' },
      })),
      {
        line: 5,
        name: 'web-9',
        address: '10.0.0.9',
        port: 2200,
        labels: { 'group.prod': 'yes', 'group.web': 'yes', env: 'test', app: 'ng inx' },
      },
      ...['db-a', 'db-b'].map((name) => ({
        line: 7,
        name,
        address: name,
        labels: { 'group.prod': 'yes', 'group.db': 'yes', env: 'prod' },
      })),
    ])
    expect(ignored).toEqual(['ansible_user', 'secret_password', 'ansible_connection=docker'])
  })

  test('YAML: told by what it holds', () => {
    const { hosts, problems: wrong } = read(`
all:
  vars: { env: prod, list: [1] }
  hosts:
    mail.example.com:
  children:
    web:
      hosts:
        web-[1:2]: { ansible_port: 2222 }
        db-1: { ansible_host: 10.0.0.1, ansible_connection: local }
`)
    expect(wrong).toEqual([])
    expect(hosts).toEqual([
      { line: 5, name: 'mail.example.com', address: 'mail.example.com', labels: { env: 'prod' } },
      {
        line: 9,
        name: 'web-1',
        address: 'web-1',
        port: 2222,
        labels: { 'group.web': 'yes', env: 'prod' },
      },
      {
        line: 9,
        name: 'web-2',
        address: 'web-2',
        port: 2222,
        labels: { 'group.web': 'yes', env: 'prod' },
      },
      {
        line: 10,
        name: 'db-1',
        address: '10.0.0.1',
        driver: 'local',
        labels: { 'group.web': 'yes', env: 'prod' },
      },
    ])
  })

  test('a host in two groups is one host; circles and bad lines are named', () => {
    expect(read('[a]\nx idc=sz\n[b]\nx app=y').hosts).toMatchObject([
      { name: 'x', labels: { 'group.a': 'yes', 'group.b': 'yes', idc: 'sz', app: 'y' } },
    ])
    expect(problems('[a:children]\nb\n[b:children]\na\n[b]\nx')).toContainEqual([
      1,
      undefined,
      'GROUP_CYCLE',
    ])
    expect(problems('[a]\nx y z\nw[9:1]\n10.0.0.999\n[a:what]\n', 'ansible')).toEqual([
      [2, undefined, 'SHAPE'],
      [3, undefined, 'RANGE'],
      [4, undefined, 'ADDRESS'],
      [5, undefined, 'SHAPE'],
    ])
    expect(problems('all: {children: &x {a: {children: *x}}}', 'ansible').at(-1)?.[2]).toBe(
      'GROUP_CYCLE',
    )
  })
})
