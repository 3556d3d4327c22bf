// A nats-server with accounts and certificates, as an operator makes one: by `om pki` and `om nats config`.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { type NatsServer, startNatsServer } from './nats-server.ts'
import { type OmResult, runOm } from './omserver.ts'

interface CertificateFiles {
  readonly caFile: string
  readonly certFile: string
  readonly keyFile: string
}

export interface NatsAccounts extends Omit<NatsServer, 'configure'> {
  /** Of the CA, with a folder for each identity. */
  readonly dir: string
  pki(...args: readonly string[]): Promise<OmResult>
  /** Issues an identity; read by nats-server from the next `reload`. */
  issue(...member: Member): Promise<void>
  /** The nats-server of an IDC, one of the members, that finds the hub behind a port of the loopback. */
  startLeaf(idc: string, hubPort: number): Promise<NatsServer>
  tlsOf(name: string): CertificateFiles
  /** Of a server, for the account of an IDC. */
  tlsFor(name: string, idc: string): CertificateFiles
  /** Writes the configuration anew and lets nats-server read it. */
  reload(): Promise<void>
}

type Member = readonly [
  kind: 'server' | 'nats' | 'controller' | 'client',
  name: string,
  idc?: string,
]

const OM_WITHIN_MS = 60_000

/** Where the hub really awaits leaf nodes: the address that they are told is that of a link which can be cut. */
export const LEAVES_AT = '127.0.0.9'

/** @param members who is enrolled from the beginning, in this order. @param leafPort default: any that is free */
export const startNatsAccounts = async (
  binary: string,
  members: readonly Member[],
  leafPort?: number,
): Promise<NatsAccounts> => {
  const leaves = leafPort ?? (await freePort())
  const home = await mkdtemp(join(tmpdir(), 'om-pki-'))
  const dir = join(home, 'ca')

  const om = async (...args: readonly string[]): Promise<OmResult> => {
    const result = await runOm(args, { home, timeoutMs: OM_WITHIN_MS })
    if (result.code !== 0) throw new Error(`om ${args.join(' ')}: ${result.stderr}`)
    return result
  }
  let servers: readonly string[] = []
  const issue: NatsAccounts['issue'] = async (kind, name, idc) => {
    const place = idc === undefined ? [] : ['--idc', idc]
    const where = kind === 'nats' ? [] : servers.flatMap((url) => ['--servers', url])
    await om('pki', 'issue', dir, kind, name, ...place, ...where)
  }

  const version = binary === 'nats-server' ? [] : ['--for', '2.10']
  let config = async (): Promise<string> => ''
  const server = await startNatsServer(binary, async ({ port, store }) => {
    servers = [`tls://127.0.0.1:${port}`]
    await om('pki', 'init', dir, '--name', 'Test & Co')
    await om('pki', 'issue', dir, 'nats', 'nats-1', '--address', '127.0.0.1')
    for (const member of members) await issue(...member)
    config = async () => {
      const at = ['--host', '127.0.0.1', '--port', String(port), '--store', store]
      at.push('--leaf-port', String(leaves))
      const text = (await om('nats', 'config', dir, ...at, ...version)).stdout
      return text.replace(`listen: "127.0.0.1:${leaves}"`, `listen: "${LEAVES_AT}:${leaves}"`)
    }
    return config()
  }).catch(async (error: unknown) => {
    await rm(home, { recursive: true, force: true })
    throw error
  })

  const files = (name: string, certFile: string): CertificateFiles => ({
    caFile: join(dir, name, 'ca.crt'),
    certFile: join(dir, name, certFile),
    keyFile: join(dir, name, 'tls.key'),
  })
  return {
    ...server,
    url: servers.join(','),
    dir,
    pki: (...args) => runOm(['pki', ...args], { home, timeoutMs: OM_WITHIN_MS }),
    issue,
    tlsOf: (name) => files(name, 'tls.crt'),
    tlsFor: (name, idc) => files(name, join('idcs', `${idc}.crt`)),
    startLeaf: (idc, hubPort) =>
      startNatsServer(binary, async ({ port, store }) => {
        const at = ['--host', '127.0.0.1', '--port', String(port), '--store', store]
        const hub = ['--leaf', idc, '--hub', `127.0.0.1:${hubPort}`]
        return (await om('nats', 'config', dir, ...hub, ...at, ...version)).stdout
      }),
    reload: async () => server.configure(await config()),
    async stop() {
      await server.stop()
      await rm(home, { recursive: true, force: true })
    },
  }
}
