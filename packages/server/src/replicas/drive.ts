// One time at the wheel: everything that a server keeps in memory, from the moment it holds the lock to the moment it
// has let go of all of it.

import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import type { Problem } from '@omserver/core'
import type { Engine, ServerSealingParts } from '@omserver/engine'
import { type Assembled, assemble } from '../assemble.ts'
import {
  type Db,
  type HeldConnection,
  openDb,
  type ServerPlace,
  stillHeld,
  takenOver,
} from '../db/index.ts'
import { handedOnFrom } from '../http/index.ts'
import { openKeyFile } from '../sealer.ts'
import type { ServerOptions } from '../server-options.ts'
import type { Services } from '../services.ts'
import type { TlsFiles } from '../tls.ts'
import type { FirstAdmin } from '../users/index.ts'
import type { Driving } from './driving.ts'
import type { Answer } from './front.ts'
import { keyCheckOf, sameKey } from './key-check.ts'
import { PEER_HEADER, peerVerifier } from './peer-proof.ts'
import { refuse } from './refuse.ts'
import { keyCheckIn, removeDriving, saveDriving, saveKeyCheck } from './table.ts'

/** `stillDrives` resolves when the database has just said so, and rejects when another may. */
export type OpenEngine = (
  parts: ServerSealingParts,
  stillDrives: () => Promise<void>,
) => Promise<Engine>

export interface Drive {
  readonly id: string
  readonly key: Uint8Array
  readonly firstAdmin: FirstAdmin | undefined
  /** Resolves with the reason when another server drives, or may. */
  readonly over: Promise<Problem>
  readonly answer: Answer
  /** Others may hand on to this address from now on. */
  announce(at: Pick<Driving, 'address' | 'fingerprint'>): Promise<void>
  /** `given`: of its own accord, so that another begins at once. */
  end(how: 'given' | 'taken'): Promise<void>
}

export interface DriveParts extends Pick<Services, 'clock' | 'log' | 'newId'> {
  readonly options: Omit<ServerOptions, 'engine'>
  readonly openEngine: OpenEngine
  readonly place: ServerPlace
  readonly tls: TlsFiles | undefined
  /** For people. */
  readonly name: string
}

/** Throws Problem as `createServer` does, and KEY_FILE_OTHER; what is held is let go of then. */
export const drive = async (held: HeldConnection, parts: DriveParts): Promise<Drive> => {
  const { options, place, log, clock, tls } = parts
  const { dataDir } = options
  const db = await openDb({ folder: dataDir, place, held, log, now: () => clock.now() })
  let engine: Engine | undefined
  try {
    const masterKey = await keyOf(db, join(dataDir, 'secret.key'))
    const open = async (sealing: ServerSealingParts): Promise<Engine> => {
      engine = await parts.openEngine(sealing, () => stillHeld(db))
      return engine
    }
    const all = { ...options, engine: open, newId: parts.newId }
    const assembled = await assemble(all, { db, clock, log, tls })
    const file = join(dataDir, 'secret.key')
    const key = masterKey ?? openKeyFile(file, true)
    await saveKeyCheck(db, keyCheckOf(key, { server: parts.name, file }))
    return driveOf({ db, engine, assembled, key, parts })
  } catch (error) {
    await engine?.close().catch(() => undefined)
    await db.destroy()
    throw error
  }
}

/** undefined: nobody has used the database with a key yet. */
const keyOf = async (db: Db, file: string): Promise<Uint8Array | undefined> => {
  const check = await keyCheckIn(db)
  return check === undefined ? undefined : sameKey(file, check)
}

const driveOf = (made: {
  readonly db: Db
  readonly engine: Engine | undefined
  readonly assembled: Assembled
  readonly key: Uint8Array
  readonly parts: DriveParts
}): Drive => {
  const { db, engine, assembled, parts } = made
  const id = parts.newId()
  const verify = peerVerifier(made.key, id)
  const prove = (request: IncomingMessage): void => {
    const header = request.headers[PEER_HEADER]
    if (header === undefined) return
    const { method = '', url = '' } = request
    handedOnFrom(request, verify({ method, url }, String(header)).from)
  }
  return {
    id,
    key: made.key,
    firstAdmin: assembled.firstAdmin,
    over: takenOver(db),
    answer: (request, response) => {
      try {
        prove(request)
      } catch (error) {
        return refuse(request, response, error, { ref: parts.newId(), log: parts.log })
      }
      assembled.app.routing(request, response)
    },
    announce: (at) => saveDriving(db, { name: parts.name, id, ...at }),
    end: async (how) => {
      await assembled.close()
      await engine?.close()
      if (how === 'given') await removeDriving(db).catch(() => undefined)
      await db.destroy()
    },
  }
}
