// The tree of `om pki` and `om nats`: names, arguments and help. What they do is in commands/, loaded on demand.

import type { Command } from 'commander'
import { say } from './lang.ts'

const collect = (value: string, before: string[] = []): string[] => [...before, value]
const json = () => say({ zh: '输出 JSON，供程序读取', en: 'print JSON, for programs' })

const nameText = () => say({ zh: '名称', en: 'name' })
const dirText = () => say({ zh: 'CA 目录', en: 'folder of the CA' })
const daysText = () => say({ zh: '有效天数', en: 'days it is good for' })
const serversText = () =>
  say({
    zh: '写进身份目录的 nats-server 地址 tls://主机:端口，可多次（默认取 nats 证书里的地址；启动时可用 --nats 另给）',
    en: 'where nats-server is, tls://HOST:PORT, repeatable (default: the addresses in its certificate; --nats says otherwise at start)',
  })
const addressText = () =>
  say({
    zh: '证书里的域名或 IP，可多次（nats 默认为本机的名称和回环地址）',
    en: 'name or address in the certificate, repeatable (default for nats: this machine and its loopback)',
  })
const idcText = () =>
  say({
    zh: '机房（controller、client 必须给出；nats 给出时即为该机房自己的叶子节点）',
    en: 'IDC (needed for controller and client; of nats: the leaf node of that IDC)',
  })

export const describePki = (om: Command): void => {
  const load = () => import('./commands/pki.ts')
  const pki = om.command('pki').description(
    say({
      zh: '服务端与主控端之间通道的证书：签发、续期、吊销',
      en: 'certificates for the channel between server and controllers: issue, renew, revoke',
    }),
  )
  pki
    .command('init')
    .argument('<dir>', dirText())
    .description(say({ zh: '建立一个 CA', en: 'make a CA' }))
    .option('--name <company>', say({ zh: '公司名称', en: 'name of the company' }), 'OMServer')
    .option(
      '--ca-cert <file>',
      say({ zh: '使用已有 CA 的证书', en: 'certificate of a CA of yours' }),
    )
    .option('--ca-key <file>', say({ zh: '该 CA 的私钥', en: 'and its private key' }))
    .option('--json', json())
    .action(async (dir, options) => (await load()).init(dir, options))
  pki
    .command('issue')
    .argument('<dir>', dirText())
    .argument('<kind>', 'server | controller | nats | client')
    .argument('<name>', nameText())
    .description(
      say({
        zh: '签发身份：server、nats、controller、client',
        en: 'issue an identity: server, nats, controller, client',
      }),
    )
    .option('--idc <name>', idcText())
    .option('--address <host>', addressText(), collect)
    .option('--servers <url>', serversText(), collect)
    .option('--days <n>', daysText(), '365')
    .option('--json', json())
    .action(async (dir, kind, name, options) => (await load()).issueOne(dir, kind, name, options))
  pki
    .command('request <name>')
    .description(
      say({
        zh: '在私钥要留下的机器上生成私钥和证书请求',
        en: 'make keys and a request on the machine that the keys are to stay on',
      }),
    )
    .option('--out <dir>', say({ zh: '写到这个新目录', en: 'into this new folder' }), 'identity')
    .option('--json', json())
    .action(async (name, options) => (await load()).request(name, options))
  pki
    .command('sign')
    .argument('<dir>', dirText())
    .argument('<csr>', say({ zh: '证书请求文件（tls.csr）', en: 'file of the request (tls.csr)' }))
    .description(say({ zh: '为证书请求签发', en: 'issue upon a request' }))
    .requiredOption('--kind <kind>', 'server | nats | controller | client')
    .requiredOption('--name <name>', nameText())
    .option('--seal-key <file>', say({ zh: '对方的 seal.pub', en: 'seal.pub of the sender' }))
    .option('--idc <name>', idcText())
    .option('--address <host>', addressText(), collect)
    .option('--servers <url>', serversText(), collect)
    .option('--days <n>', daysText(), '365')
    .option('--json', json())
    .action(async (dir, csr, options) => (await load()).sign(dir, csr, options))
  pki
    .command('list')
    .argument('<dir>', dirText())
    .description(say({ zh: '列出签发过的身份', en: 'list what was issued' }))
    .option('--json', json())
    .action(async (dir, options) => (await load()).list(dir, options))
  pki
    .command('renew')
    .argument('<dir>', dirText())
    .argument('<name>', nameText())
    .description(say({ zh: '续期，私钥不变', en: 'prolong it, with the same keys' }))
    .option('--days <n>', daysText(), '365')
    .option('--json', json())
    .action(async (dir, name, options) => (await load()).renewOne(dir, name, options))
  pki
    .command('revoke')
    .argument('<dir>', dirText())
    .argument('<name>', nameText())
    .description(say({ zh: '吊销', en: 'revoke it' }))
    .option('--json', json())
    .action(async (dir, name, options) => (await load()).revokeOne(dir, name, options))

  const nats = om
    .command('nats')
    .description(say({ zh: 'nats-server 的配置', en: 'configuration of nats-server' }))
  nats
    .command('config')
    .argument('<dir>', dirText())
    .description(
      say({
        zh: '按 CA 的登记生成 nats-server.conf',
        en: 'write a nats-server.conf from the register of the CA',
      }),
    )
    .option('--out <file>', say({ zh: '写到文件（默认标准输出）', en: 'file (default: print it)' }))
    .option('--nats <name>', say({ zh: '用哪个 nats 证书', en: 'which nats certificate' }))
    .option(
      '--idc <name>',
      say({
        zh: '机房，可多次：为尚未签发主控端的机房也建好账户',
        en: 'an IDC, repeatable: gets an account before a controller of it has been issued',
      }),
      collect,
    )
    .option(
      '--leaf <idc>',
      say({
        zh: '生成该机房自己的 nats-server（叶子节点）的配置，而不是中心的',
        en: 'of the nats-server of this IDC, a leaf node, and not of the hub',
      }),
    )
    .option(
      '--hub <host:port>',
      say({
        zh: '叶子节点到哪里连接中心，可多次（默认取中心 nats 证书里的地址）',
        en: 'where the leaf node reaches the hub, repeatable (default: the addresses in its certificate)',
      }),
      collect,
    )
    .option(
      '--leaf-port <n>',
      say({ zh: '中心等待叶子节点的端口', en: 'port where the hub awaits leaf nodes' }),
      '7422',
    )
    .option('--port <n>', say({ zh: '监听端口', en: 'port to listen on' }), '4222')
    .option('--host <addr>', say({ zh: '监听地址', en: 'address to listen on' }), '0.0.0.0')
    .option('--store <dir>', say({ zh: '存储目录', en: 'where it stores' }), '/var/lib/nats')
    .option(
      '--tls-dir <dir>',
      say({
        zh: 'nats 证书目录在 nats-server 机器上的位置（默认在 CA 目录内）',
        en: 'where its certificate lies on its machine (default: in the folder of the CA)',
      }),
    )
    .option(
      '--for <version>',
      say({
        zh: 'nats-server 的版本，如 2.9（默认取本机安装的）',
        en: 'version of nats-server, e.g. 2.9 (default: the one on this machine)',
      }),
    )
    .option('--json', json())
    .action(async (dir, options) => (await import('./commands/nats.ts')).config(dir, options))
}
