// Reads the book of an IDC when somebody begins something there, and forgets it soon after: logins are in it.

import { type Clock, Problem } from '@omserver/core'
import {
  type After,
  BOOK_KEY,
  type BookHead,
  bookPieceKey,
  type Engine,
  type Idc,
  type OpenedBook,
  type OpeningKey,
  openBook,
  readBookHead,
} from '@omserver/engine'

const FORGET_MS = 10 * 60_000

export interface BookReader {
  /** Throws Problem DIRECT_NO_BOOK {idc}, DIRECT_BOOK_OLD {idc, until}. */
  current(): Promise<OpenedBook>
  stop(): void
}

export const bookReader = (
  idc: Idc,
  parts: {
    readonly engine: Pick<Engine, 'intent' | 'books'>
    readonly own: OpeningKey
    readonly clock: Clock
    readonly after: After
  },
): BookReader => {
  const { engine, own, clock, after } = parts
  let kept: { readonly number: number; readonly book: Promise<OpenedBook> } | undefined
  let endKeeping = (): void => undefined

  const headNow = async (): Promise<BookHead> => {
    const head = readBookHead(await engine.intent.get(idc, BOOK_KEY))
    if (!head) throw new Problem('DIRECT_NO_BOOK', { idc })
    if (clock.now() > head.until) {
      throw new Problem('DIRECT_BOOK_OLD', { idc, until: new Date(head.until).toISOString() })
    }
    return head
  }

  const read = async (head: BookHead): Promise<OpenedBook> => {
    const pieces: string[] = []
    for (let piece = 0; piece < head.pieces; piece++) {
      pieces.push(String(await engine.books.get(idc, bookPieceKey(head.number, piece))))
    }
    return openBook(idc, head, pieces, own)
  }

  const forget = (): void => {
    endKeeping()
    kept = undefined
  }

  const keep = (head: BookHead): Promise<OpenedBook> => {
    if (kept?.number !== head.number) {
      const book = read(head)
      kept = { number: head.number, book }
      book.catch(() => {
        if (kept?.book === book) forget()
      })
    }
    endKeeping()
    endKeeping = after(FORGET_MS, forget)
    return kept.book
  }

  return {
    async current() {
      const head = await headNow()
      try {
        return await keep(head)
      } catch (error) {
        // Its pieces go when there is a newer one.
        const newer = await headNow()
        if (newer.number === head.number) throw error
        return keep(newer)
      }
    },
    stop: forget,
  }
}
