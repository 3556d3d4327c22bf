import { type BookHost, type IdcBook, Secret } from '@omserver/core'
import { expect, it } from 'vitest'
import { openingKeyOf } from '../sealing/hpke.ts'
import { makeSealKeys } from '../sealing/seal-key.ts'
import { openBook, readBookHead } from './open-book.ts'
import { sealBook } from './seal-book.ts'

const [c1, c2, stranger] = [makeSealKeys(), makeSealKeys(), makeSealKeys()]

const secrets = {
  open: async (ref: string) => new Secret(ref),
  credential: async (id: string) => ({
    id,
    version: 1,
    user: 'ops',
    kind: 'password' as const,
    password: new Secret('the-login-of-everything'),
  }),
}

const bookOf = (hosts: number, number = 3): IdcBook => ({
  idc: 'sz',
  number,
  until: 9_000,
  hosts: Array.from(
    { length: hosts },
    (_, n): BookHost => ({
      id: `0199a1b2-${n.toString(16).padStart(4, '0')}-7000-8000-${(n * 7919).toString(16).padStart(12, '0')}`,
      name: `web-${n}`,
      address: `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`,
      port: 22,
      driver: 'ssh',
      labels: { idc: 'sz', app: 'nginx', env: 'prod', rack: `r${n % 90}` },
      credentialId: `c${n % 3}`,
      hostKey: { type: 'ssh-ed25519', key: Buffer.alloc(51, n).toString('base64') },
    }),
  ),
  groups: [],
  users: [],
  settings: { confirmAbove: 10, concurrency: 100, hostTimeoutMs: 60_000 },
})

const to = { controllers: [c1.publicKey, c2.publicKey], servers: [stranger.publicKey] }

it('is opened by each controller of the IDC, with the logins of its hosts', async () => {
  const { head, pieces } = await sealBook(bookOf(4), to, secrets)
  expect(readBookHead(JSON.parse(JSON.stringify(head)))).toEqual(head)
  expect(head.recipients).toEqual([...to.controllers, ...to.servers])
  for (const { privateKey } of [c1, c2]) {
    const opened = await openBook('sz', head, pieces, openingKeyOf(privateKey))
    expect(opened.book).toEqual(bookOf(4))
    expect(Object.keys(opened.secrets.logins)).toEqual(['c0', 'c1', 'c2'])
  }
  expect(JSON.stringify({ head, pieces })).not.toContain('the-login')
})

it('is nobody else’s, of no other IDC, and whole or nothing', async () => {
  const { head, pieces } = await sealBook(bookOf(4), to, secrets)
  const open = (idc: string, own: string, some: readonly string[] = pieces) =>
    openBook(idc, head, some, openingKeyOf(own))
  // A server is a recipient of what clients write, and needs no book.
  await expect(open('sz', stranger.privateKey)).rejects.toThrow('sealed to other controllers')
  await expect(open('bj', c1.privateKey)).rejects.toThrow()
  await expect(open('sz', c1.privateKey, [])).rejects.toThrow('not whole')
  const other = await sealBook(bookOf(4, 4), to, secrets)
  await expect(open('sz', c1.privateKey, other.pieces)).rejects.toThrow('not whole')
})

it('of a large IDC fits into pieces that nats-server takes', async () => {
  const book = bookOf(20_000)
  const { head, pieces } = await sealBook(book, to, secrets)
  expect(pieces.length).toBe(head.pieces)
  for (const piece of pieces) expect(piece.length).toBeLessThan(400 * 1024)
  const opened = await openBook('sz', head, pieces, openingKeyOf(c1.privateKey))
  expect(opened.book.hosts).toHaveLength(20_000)
})
