// Which clients may begin runs in an IDC, and reading what they have begun.

import type { BodyOf, ClientView, clientRoutes } from '@omserver/api'
import { abortSchema, type DirectSubmission, Problem, parseSubmission } from '@omserver/core'
import {
  abortKey,
  type OpenedLetter,
  type OpeningKey,
  openLetter,
  openRunKey,
  parseLetter,
} from '@omserver/engine'
import { systemActor } from '../access/index.ts'
import type { Actor } from '../actor.ts'
import type { IdcClientsTable } from '../db/index.ts'
import { parseAction } from '../modules/index.ts'
import type { Services } from '../services.ts'
import type { DirectParts, IssuedClient } from './parts.ts'
import type { Publisher } from './publisher.ts'
import * as table from './table.ts'

/** A run that a client began, as its letter says, and whose rights the client has here. */
export interface BegunRun {
  readonly submission: DirectSubmission
  /** SHA-256 of the certificate that signed it, hex. */
  readonly certificate: string
  /** undefined: the client is not allowed here any more, or never was. */
  readonly userId: string | undefined
}

/** Stands where the name of the person stands who allowed a client. */
const BY_CA = 'om pki'

export interface DirectService {
  list(): Promise<{
    items: ClientView[]
    books: { idc: string; hosts: number; bytes: number; writtenAt: number; until: number }[]
    troubles: { idc: string; what: { zh: string; en: string } }[]
  }>
  /** Throws Problem USER_UNKNOWN, CLIENT_EXISTS, CLIENT_NEEDS_CERTIFICATES. */
  allow(actor: Actor, input: BodyOf<(typeof clientRoutes)['allow']>): Promise<ClientView>
  /** Throws Problem CLIENT_UNKNOWN. */
  deny(actor: Actor, idc: string, client: string): Promise<{ ok: true }>
  /**
   * Allows clients of the register of the CA whose name is that of a user, once; denies those again that the CA has
   * revoked.
   */
  followCa(): Promise<void>
  /** IDCs in which something may be begun, or was. */
  idcs(): Promise<readonly string[]>
  /** undefined: there is no such letter, or it proves nothing; the log says why. */
  begunRun(idc: string, runId: string): Promise<BegunRun | undefined>
  /** Of a run that a client began; undefined as for `begunRun`. */
  runKeyOf(idc: string, runId: string): Promise<Uint8Array | undefined>
  /** Who asked for its end, when that is proven. */
  abortOf(idc: string, runId: string): Promise<string | undefined>
}

export const directService = (
  services: Pick<Services, 'db' | 'engine' | 'clock' | 'activity' | 'log'>,
  parts: DirectParts,
  others: { readonly publisher: Publisher; readonly serverKey: () => Promise<OpeningKey> },
): DirectService => {
  const { db, engine, clock, activity, log } = services
  const { signing } = parts

  const viewOf = async (row: IdcClientsTable): Promise<ClientView> => ({
    idc: row.idc,
    client: row.client,
    user: (await parts.accounts.byId(row.user_id))?.name ?? '',
    allowed: { at: row.allowed_at, by: row.allowed_by },
  })

  /** By IDC, the last that was found. */
  const unreadable = new Map<string, { readonly key: string; readonly at: number }>()

  /** What is not a client's word is told, and nothing more: whoever may write there may write anything. */
  const proven = async (
    idc: string,
    key: string,
    kind: 'run' | 'abort',
  ): Promise<OpenedLetter | undefined> => {
    const value = await engine.begun.get(idc, key)
    if (!signing || value === undefined) return undefined
    try {
      const letter = parseLetter(value)
      return await openLetter(
        letter,
        { kind, idc },
        { own: await others.serverKey(), verifier: signing },
      )
    } catch (error) {
      log.error({ err: error, idc, key }, 'what a client is said to have begun is not proven')
      unreadable.set(idc, { key, at: clock.now() })
      return undefined
    }
  }

  const allowAs = async (
    actor: Actor,
    who: IssuedClient,
    account: { readonly id: string; readonly name: string },
    allowedBy: string,
  ): Promise<IdcClientsTable> => {
    const row = {
      idc: who.idc,
      client: who.client,
      user_id: account.id,
      allowed_at: clock.now(),
      allowed_by: allowedBy,
      denied_at: null,
    }
    await table.saveClient(db, row)
    await activity.record(actor, {
      what: 'clients.allow',
      subject: who.client,
      after: { ...who, user: account.name },
    })
    return row
  }

  const denyAs = async (actor: Actor, row: IdcClientsTable): Promise<void> => {
    const before = await viewOf(row)
    await table.saveClient(db, { ...row, denied_at: clock.now() })
    await activity.record(actor, { what: 'clients.deny', subject: row.client, before })
  }

  /** Not a person's decision: another server may have a newer register. */
  const forget = async (row: IdcClientsTable): Promise<void> => {
    const before = await viewOf(row)
    await table.removeClient(db, row.idc, row.client)
    await activity.record(systemActor, { what: 'clients.deny', subject: row.client, before })
  }

  return {
    async list() {
      return {
        items: await Promise.all((await table.clients(db)).map(viewOf)),
        books: (await table.books(db)).map((row) => ({
          idc: row.idc,
          hosts: row.hosts,
          bytes: row.bytes,
          writtenAt: row.written_at,
          until: row.until,
        })),
        troubles: [
          ...[...others.publisher.troubles()].map(([idc, what]) => ({ idc, what })),
          ...[...unreadable].map(([idc, { key }]) => ({ idc, what: unreadableText(key) })),
        ],
      }
    },

    async allow(actor, { idc, client, user }) {
      if (!signing) throw new Problem('CLIENT_NEEDS_CERTIFICATES')
      const account = await parts.accounts.byName(user)
      if (!account) throw new Problem('USER_UNKNOWN', { user })
      const before = await table.clientOf(db, idc, client)
      if (before) {
        const { user: has } = await viewOf(before)
        throw new Problem('CLIENT_EXISTS', { client, idc, user: has })
      }
      return viewOf(await allowAs(actor, { idc, client }, account, actor.name))
    },

    async deny(actor, idc, client) {
      const row = await table.clientOf(db, idc, client)
      if (!row) throw new Problem('CLIENT_UNKNOWN', { client, idc })
      await denyAs(actor, row)
      return { ok: true }
    },

    async followCa() {
      if (!parts.issuedClients) return
      const issued = await parts.issuedClients()
      for (const one of issued) {
        // Whatever a person has decided since counts.
        if (await table.everClientOf(db, one.idc, one.client)) continue
        const account = await parts.accounts.byName(one.client)
        if (account) await allowAs(systemActor, one, account, BY_CA)
      }
      const isIssued = (row: IdcClientsTable): boolean =>
        issued.some(({ idc, client }) => idc === row.idc && client === row.client)
      for (const row of await table.clients(db)) {
        if (row.allowed_by === BY_CA && !isIssued(row)) await forget(row)
      }
    },

    async idcs() {
      const rows = [...(await table.clients(db)), ...(await table.books(db))]
      return [...new Set(rows.map(({ idc }) => idc))]
    },

    async begunRun(idc, runId) {
      const opened = await proven(idc, runId, 'run')
      if (!opened) return undefined
      try {
        const submission = parseSubmission(opened.content)
        parseAction(submission.action)
        const fits =
          submission.runId === runId &&
          submission.idc === idc &&
          submission.client === opened.client
        if (!fits) throw new Error('it says of itself that it is another one')
        const row = await table.clientOf(db, idc, opened.client)
        return { submission, certificate: opened.certificate, userId: row?.user_id }
      } catch (error) {
        log.error({ err: error, idc, run: runId }, 'what a client has begun cannot be read')
        unreadable.set(idc, { key: runId, at: clock.now() })
        return undefined
      }
    },

    async runKeyOf(idc, runId) {
      const value = await engine.begun.get(idc, runId)
      if (value === undefined) return undefined
      try {
        return await openRunKey(parseLetter(value), idc, await others.serverKey())
      } catch (error) {
        log.error({ err: error, idc, run: runId }, 'a run begun in an IDC is not sealed to us')
        return undefined
      }
    },

    async abortOf(idc, runId) {
      const opened = await proven(idc, abortKey(runId), 'abort')
      if (!opened) return undefined
      const said = abortSchema.safeParse(opened.content).data
      return said?.runId === runId && said.client === opened.client ? said.client : undefined
    },
  }
}

const unreadableText = (key: string) => ({
  zh: `这里有一条据称由客户端发起的内容（${key}）无法证实，未予记录；详见服务端日志。`,
  en: `Something that a client is said to have begun (${key}) is not proven, and was not recorded; the server’s log says why.`,
})
