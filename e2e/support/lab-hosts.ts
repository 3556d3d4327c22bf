// Puts credentials and hosts into a server through the API, as a person would in the page.

import { type BodyIn, type Client, credentialRoutes, hostRoutes } from '@omserver/api'
import type { Sshd } from './sshd.ts'

export const addKey = async (
  client: Client,
  name: string,
  user: string,
  key: string,
): Promise<void> => {
  await client.call(credentialRoutes.add, { body: { name, type: 'ssh-key', user, key } })
}

/** Hosts as the contract takes them; those without an address or port are the sshd's own, one address each. */
export const addHosts = async (
  client: Client,
  sshd: Sshd,
  hosts: readonly Partial<BodyIn<typeof hostRoutes.add>>[],
): Promise<void> => {
  for (const [nth, host] of hosts.entries()) {
    const name = host.name ?? `web-${nth + 1}`
    const body = { address: sshd.address(nth), port: sshd.port, credential: 'lab', ...host, name }
    await client.call(hostRoutes.add, { body })
  }
}
