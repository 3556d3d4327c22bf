// Keeps the books of the IDCs as they should be: written where clients are allowed, anew when something changed, taken
// away where nobody is allowed any more.

import type { Text } from '@omserver/core'
import { BOOK_KEY, bookPieceKey, type OpeningKey, sealBook } from '@omserver/engine'
import type { IdcBooksTable } from '../db/index.ts'
import type { Services } from '../services.ts'
import type { DirectParts } from './parts.ts'
import { books, clients, removeBook, saveBook } from './table.ts'
import { contentOf, revisionOf } from './write-book.ts'

type Needs = Pick<Services, 'db' | 'engine' | 'clock' | 'log'>

/** An IDC that does not answer is asked again in the next round. */
const PATIENCE_MS = 15_000

const unreachable: Text = {
  zh: '机房暂时连不上，主控端手里的授权快照可能是旧的；恢复后会自动更新。',
  en: 'The IDC cannot be reached, and its controllers may know an older state; it is renewed by itself.',
}
const nobody: Text = {
  zh: '机房没有已登记的主控端。',
  en: 'No controller is enrolled in the IDC.',
}

export interface Publisher {
  /** One round. Resolves when every IDC is as it should be, or could not be reached. */
  look(): Promise<void>
  troubles(): ReadonlyMap<string, Text>
}

export const bookPublisher = (
  services: Needs,
  parts: DirectParts,
  serverKey: () => Promise<OpeningKey>,
): Publisher => {
  const { db, engine, clock, log } = services
  const troubles = new Map<string, Text>()
  const underWay = new Map<string, Promise<void>>()

  const takeAway = async (known: IdcBooksTable): Promise<void> => {
    await engine.intent.remove(known.idc, BOOK_KEY)
    await removePieces(known)
    await removeBook(db, known.idc)
  }

  const removePieces = async ({ idc, number, pieces }: IdcBooksTable): Promise<void> => {
    for (let piece = 0; piece < pieces; piece++) {
      await engine.books.remove(idc, bookPieceKey(number, piece))
    }
  }

  const isCurrent = (known: IdcBooksTable, revision: string, epoch: string): boolean =>
    known.revision === revision &&
    known.epoch === epoch &&
    known.until - clock.now() > parts.bookMs / 2

  const write = async (idc: string, known: IdcBooksTable | undefined): Promise<void> => {
    await engine.ensure(idc)
    // Before it is read: what changes meanwhile makes another one.
    const revision = await revisionOf(db, idc, parts)
    const epoch = await engine.log.epoch(idc)
    const controllers = await parts.sealKeysOf(idc)
    if (controllers.length === 0) {
      troubles.set(idc, nobody)
      // Those that could read it are enrolled no more.
      if (known) await takeAway(known)
      return
    }
    troubles.delete(idc)
    if (known && isCurrent(known, revision, epoch)) return
    const now = clock.now()
    const number = Math.max(now, (known?.number ?? 0) + 1)
    const until = now + parts.bookMs
    const book = { ...(await contentOf(db, idc, parts)), number, until }
    const to = { controllers, servers: [(await serverKey()).publicKey] }
    const { head, pieces } = await sealBook(book, to, {
      open: (ref) => Promise.reject(new Error(`no secret is in a book: ${ref}`)),
      credential: (id) => parts.credentials.login(id),
    })
    for (const [piece, text] of pieces.entries()) {
      await engine.books.put(idc, bookPieceKey(number, piece), text)
    }
    await engine.intent.put(idc, BOOK_KEY, head)
    await saveBook(db, {
      idc,
      number,
      revision,
      epoch,
      pieces: pieces.length,
      hosts: book.hosts.length,
      bytes: pieces.reduce((sum, text) => sum + text.length, 0),
      written_at: now,
      until,
    })
    // Whoever is reading it has until the next change.
    if (known && known.epoch === epoch) await removePieces(known)
  }

  /** One at a time in each IDC; one that hangs holds up no other. */
  const once = (idc: string, work: () => Promise<void>): Promise<void> => {
    const open = underWay.get(idc)
    if (open) return inTime(open)
    const done = work()
      .catch((error: unknown) => {
        if (troubles.get(idc) !== unreachable) {
          log.warn({ err: error, idc }, 'the book of an IDC could not be written')
        }
        troubles.set(idc, unreachable)
      })
      .finally(() => underWay.delete(idc))
    underWay.set(idc, done)
    return inTime(done)
  }

  const inTime = async (work: Promise<void>): Promise<void> => {
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, PATIENCE_MS)
    await Promise.race([work, late])
    clearTimeout(timer)
  }

  return {
    async look() {
      const known = new Map((await books(db)).map((row) => [row.idc, row]))
      const wanted = new Set((await clients(db)).map(({ idc }) => idc))
      for (const idc of troubles.keys()) if (!wanted.has(idc)) troubles.delete(idc)
      await Promise.all([
        ...[...wanted].map((idc) => once(idc, () => write(idc, known.get(idc)))),
        ...[...known.values()].flatMap((row) =>
          wanted.has(row.idc) ? [] : [once(row.idc, () => takeAway(row))],
        ),
      ])
    },
    troubles: () => troubles,
  }
}
