// TLS to nats-server, with its certificate compared to where it was looked for.

import { isIP } from 'node:net'
import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import type { NatsTls } from './nats-options.ts'

const hostOf = (server: string): string =>
  new URL(server.includes('://') ? server : `nats://${server}`).hostname.replace(/^\[|\]$/g, '')

/**
 * The client compares names only: reached by its address, nats-server would have to be called "localhost". Which of
 * several addresses was taken cannot be told here; any that we were given will do.
 */
export const checkedTls = (servers: readonly string[], tls: NatsTls) => {
  const hosts = servers.map(hostOf)
  return {
    ...tls,
    checkServerIdentity(name: string, certificate: PeerCertificate): Error | undefined {
      if (hosts.includes(name)) return checkServerIdentity(name, certificate)
      const refusals = hosts
        .filter((host) => isIP(host))
        .map((ip) => checkServerIdentity(ip, certificate))
      if (refusals.includes(undefined)) return undefined
      return refusals[0] ?? checkServerIdentity(name, certificate)
    },
  }
}
