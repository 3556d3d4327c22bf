// A board of the embedded engine: the latest value per key, with or without a time to live.

import type { Json } from '@omserver/core'
import type { After } from '../after.ts'
import type { Board, Idc } from '../ports.ts'

type Listener = (key: string, value: Json | undefined) => void

interface IdcBoard {
  readonly values: Map<string, Json>
  readonly endTtl: Map<string, () => void>
  readonly listeners: Set<Listener>
}

export interface MemoryBoard extends Board {
  close(): void
}

/** @param ttlMs a value that is not put again within this time is forgotten; absent: never */
export const memoryBoard = (after: After, ttlMs?: number): MemoryBoard => {
  const boards = new Map<Idc, IdcBoard>()

  const boardOf = (idc: Idc): IdcBoard => {
    let board = boards.get(idc)
    if (!board) {
      board = { values: new Map(), endTtl: new Map(), listeners: new Set() }
      boards.set(idc, board)
    }
    return board
  }

  const tell = (board: IdcBoard, key: string, value: Json | undefined): void => {
    for (const listener of [...board.listeners]) listener(key, value)
  }

  const drop = (board: IdcBoard, key: string): void => {
    board.endTtl.get(key)?.()
    board.endTtl.delete(key)
    if (board.values.delete(key)) tell(board, key, undefined)
  }

  return {
    async put(idc, key, value) {
      const board = boardOf(idc)
      board.values.set(key, value)
      if (ttlMs !== undefined) {
        board.endTtl.get(key)?.()
        board.endTtl.set(
          key,
          after(ttlMs, () => drop(board, key)),
        )
      }
      tell(board, key, value)
    },
    async putOnce(idc, key, value) {
      const board = boardOf(idc)
      const known = board.values.get(key)
      if (known !== undefined) return JSON.stringify(known) === JSON.stringify(value)
      board.values.set(key, value)
      tell(board, key, value)
      return true
    },
    async get(idc, key) {
      return boardOf(idc).values.get(key)
    },
    async remove(idc, key) {
      drop(boardOf(idc), key)
    },
    async all(idc) {
      return new Map(boardOf(idc).values)
    },
    async watch(idc, on) {
      const board = boardOf(idc)
      for (const [key, value] of [...board.values]) on(key, value)
      // Its own function: the same listener may watch twice, and each of them is stopped alone.
      const listener: Listener = (key, value) => on(key, value)
      board.listeners.add(listener)
      return async () => {
        board.listeners.delete(listener)
      }
    },
    close() {
      for (const board of boards.values()) {
        for (const end of board.endTtl.values()) end()
        board.endTtl.clear()
        board.listeners.clear()
      }
    },
  }
}
