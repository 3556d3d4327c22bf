// Which controllers there are, who of them may open what is sent, and what is wrong with them.

import type { BodyOf, ControllerView, controllerRoutes, IdcView, Trouble } from '@omserver/api'
import { type Host, idcOf, Problem } from '@omserver/core'
import { fingerprintOf } from '@omserver/engine'
import { systemActor } from '../access/index.ts'
import type { Actor } from '../actor.ts'
import type { ControllersTable } from '../db/index.ts'
import { inTime } from '../in-time.ts'
import type { Services } from '../services.ts'
import { type Certificates, enrolment } from './enrolment.ts'
import { type Presence, presentIn } from './presence.ts'
import * as table from './table.ts'
import * as troubles from './troubles.ts'

/** An engine that does not answer must not keep the page from showing the rest. */
const PATIENCE_MS = 2_000
const HIGH_LOAD = 4
const ENDS_SOON_MS = 30 * 24 * 60 * 60 * 1000
const REFUSAL_MATTERS_MS = 24 * 60 * 60 * 1000
const OWN_TRIES = 10
const OWN_PAUSE_MS = 10

type Needs = Pick<Services, 'db' | 'engine' | 'clock' | 'activity' | 'log'> & {
  readonly hosts: () => Promise<readonly Host[]>
  readonly version: string
  /** What waits in the IDC is to be offered anew: others may open it now. */
  readonly offerAgain: (idc: string) => Promise<void>
  /** A cursor of the log of the IDC. */
  readonly storedUpTo: (idc: string) => Promise<number>
  /** Absent: people enrol. */
  readonly certificates?: Certificates
}

export interface ControllerService {
  list(): Promise<{ engine: 'embedded' | 'nats'; items: ControllerView[]; idcs: IdcView[] }>
  enroll(actor: Actor, input: BodyOf<(typeof controllerRoutes)['enroll']>): Promise<ControllerView>
  revoke(actor: Actor, name: string): Promise<ControllerView>
  drain(actor: Actor, name: string, drain: boolean): Promise<ControllerView>
  /** Public keys of those that may open what is sent to the IDC. */
  sealKeysOf(idc: string): Promise<readonly string[]>
  /** What it reports does not count any more. As of the last time that `refresh` looked. */
  isRevoked(name: string): boolean
  refresh(): Promise<void>
  /** One that is there: enrolled, if its certificate says so. */
  see(presence: Presence): Promise<void>
  /** Those that the CA has revoked are revoked here. */
  followCa(): Promise<void>
  /** That we know of: by hosts, by controllers, by certificates. */
  idcs(): Promise<readonly string[]>
  enrolledIdcs(): Promise<readonly string[]>
  /** Names of those that may open what is sent to the IDC. */
  enrolledIn(idc: string): Promise<readonly string[]>
  /** Why hosts of the IDC wait; undefined: nothing stands in their way. */
  whyWaiting(idc: string): Promise<Trouble | undefined>
}

export const controllerService = (needs: Needs): ControllerService => {
  const { db, engine, clock, activity } = needs
  const seals = engine.kind === 'nats'
  const byCertificate = needs.certificates && enrolment(needs, needs.certificates)
  const isByCertificate = byCertificate !== undefined
  let revoked: ReadonlySet<string> = new Set()

  const refresh = async (): Promise<void> => {
    const rows = await table.all(db)
    revoked = new Set(rows.flatMap((row) => (row.revoked_at === null ? [] : [row.name])))
  }

  const idcsOf = async (): Promise<Map<string, number>> => {
    const idcs = new Map<string, number>()
    for (const host of await needs.hosts()) {
      const idc = idcOf(host)
      idcs.set(idc, (idcs.get(idc) ?? 0) + 1)
    }
    const certified = (await needs.certificates?.idcs()) ?? []
    const enrolled = (await table.all(db)).map(({ idc }) => idc)
    for (const idc of [...enrolled, ...certified]) if (!idcs.has(idc)) idcs.set(idc, 0)
    return idcs
  }

  /** The controller of the server's own process hears of an IDC only when somebody asks for it. */
  const whoIsThere = async (idc: string): Promise<readonly Presence[]> => {
    for (let tries = 0; ; tries++) {
      const present = await presentIn(engine, idc)
      if (present.length > 0 || engine.kind !== 'embedded' || tries === OWN_TRIES) return present
      await new Promise((resolve) => setTimeout(resolve, OWN_PAUSE_MS))
    }
  }

  const look = (idc: string) =>
    inTime(
      (async () => {
        await engine.ensure(idc)
        const [present, depth, behind, health] = await Promise.all([
          whoIsThere(idc),
          engine.queue.depth(idc),
          needs.storedUpTo(idc).then((cursor) => engine.log.behind(idc, cursor)),
          engine.health(idc),
        ])
        return {
          present,
          depth,
          behind,
          stuck: health.stuck ? health.detail : undefined,
        }
      })(),
      PATIENCE_MS,
    )

  /** What is stored counts already. An IDC that is cut off hears of it when the link is back. */
  const tell = async (idc: string, order: Promise<void>): Promise<void> => {
    await inTime(order, PATIENCE_MS)
    await inTime(needs.offerAgain(idc), PATIENCE_MS)
  }

  const idcTroubles = (
    found: { readonly present: readonly Presence[]; readonly stuck?: string } | undefined,
    enrolled: readonly ControllersTable[],
  ): Trouble[] => {
    const present = found?.present
    if (seals && !enrolled.some((row) => row.revoked_at === null))
      return [troubles.nobodyEnrolled(isByCertificate)]
    if (!present) return [troubles.engineSilent]
    return [
      ...(found?.stuck === undefined ? [] : [troubles.stuck(found.stuck)]),
      ...(present.some((one) => takesWork(one, enrolled))
        ? []
        : [troubles.nobodyThere(isByCertificate)]),
    ]
  }

  const takesWork = (one: Presence, enrolled: readonly ControllersTable[]): boolean =>
    !one.draining &&
    one.unreadableVersion === undefined &&
    (!seals || enrolled.some((row) => row.revoked_at === null && row.seal_key === one.sealKey))

  const viewOf = (
    name: string,
    row: ControllersTable | undefined,
    presences: readonly Presence[],
  ): ControllerView => {
    const [first] = presences
    const sealKey = row?.seal_key ?? first?.sealKey ?? null
    const isOther = row && first?.sealKey !== undefined && first.sealKey !== row.seal_key
    const isRevoked = row !== undefined && row.revoked_at !== null
    const wrong: Trouble[] = []
    if (isRevoked && first) wrong.push(troubles.revokedButThere)
    if (isOther && !isRevoked) wrong.push(troubles.otherKey)
    if (seals && !row && first && first.unreadableVersion === undefined) {
      const why = byCertificate?.whyNot(name)
      wrong.push(
        troubles.notEnrolled({ ...first, sealKey: first.sealKey ?? '–' }, isByCertificate, why),
      )
    }
    const endsAt = row?.cert_ends_at ?? null
    if (endsAt !== null && !isRevoked && endsAt - clock.now() < ENDS_SOON_MS) {
      wrong.push(troubles.certificateEnds(name, endsAt, clock.now()))
    }
    if (row && !isRevoked && !first) wrong.push(troubles.gone)
    if (first && first.version !== '' && first.version !== needs.version) {
      wrong.push(troubles.otherVersion(first.version, needs.version))
    }
    if (first?.unreadableVersion !== undefined) {
      wrong.push(troubles.otherProtocol(first.unreadableVersion))
    }
    const [refused] = presences.flatMap((one) => one.refused ?? [])
    if (refused && clock.now() - refused.at < REFUSAL_MATTERS_MS) {
      wrong.push(troubles.refusedSome(refused))
    }
    if (first && first.load > HIGH_LOAD) wrong.push(troubles.overloaded(first.load))
    return {
      name,
      idcs: [...new Set([...(row ? [row.idc] : []), ...presences.map(({ idc }) => idc)])],
      state: isRevoked
        ? 'revoked'
        : !first
          ? 'offline'
          : seals && !row
            ? 'notEnrolled'
            : first.draining
              ? 'draining'
              : 'online',
      enrolled: row ? { at: row.enrolled_at, by: row.enrolled_by, how: howEnrolled(row) } : null,
      certificate: row ? shownBy(row) : null,
      revoked:
        row && row.revoked_at !== null ? { at: row.revoked_at, by: row.revoked_by ?? '' } : null,
      fingerprint: sealKey === null ? null : fingerprintOf(sealKey),
      sealKey,
      presence: first
        ? {
            at: first.at,
            startedAt: first.startedAt,
            version: first.version,
            host: first.host,
            drivers: first.drivers,
            slices: presences.reduce((sum, { slices }) => sum + slices, 0),
            inFlight: first.inFlight,
            load: first.load,
          }
        : null,
      troubles: wrong,
    }
  }

  const list = async () => {
    const [idcs, rows] = await Promise.all([idcsOf(), table.all(db)])
    const seen = await Promise.all(
      [...idcs].map(async ([idc, hosts]) => ({ idc, hosts, found: await look(idc) })),
    )
    const present = Map.groupBy(
      seen.flatMap(({ found }) => found?.present ?? []),
      ({ name }) => name,
    )
    const names = new Set([...rows.map(({ name }) => name), ...present.keys()])
    const rowOf = new Map(rows.map((row) => [row.name, row]))
    return {
      engine: engine.kind,
      items: [...names].map((name) => viewOf(name, rowOf.get(name), present.get(name) ?? [])),
      idcs: seen.map(({ idc, hosts, found }): IdcView => {
        const enrolled = rows.filter((row) => row.idc === idc)
        return {
          idc,
          hosts,
          controllers: (found?.present ?? []).filter((one) => takesWork(one, enrolled)).length,
          waiting: found?.depth.waiting ?? null,
          leased: found?.depth.leased ?? null,
          behind: found?.behind ?? null,
          troubles: idcTroubles(found, enrolled),
        }
      }),
    }
  }

  const view = async (name: string): Promise<ControllerView> => {
    const found = (await list()).items.find((one) => one.name === name)
    if (!found) throw new Problem('CONTROLLER_UNKNOWN', { controller: name })
    return found
  }

  /** It may open what waits from now on. */
  const admit = async (name: string, idc: string): Promise<void> => {
    await refresh()
    await tell(idc, engine.intent.remove(idc, `controller:${name}`))
  }

  const revoke = async (actor: Actor, name: string): Promise<void> => {
    const row = await db.transaction().execute(async (trx) => {
      const found = await table.byName(trx, name)
      if (!found) throw new Problem('CONTROLLER_UNKNOWN', { controller: name })
      if (found.revoked_at !== null) return undefined
      await table.save(trx, { ...found, revoked_at: clock.now(), revoked_by: actor.name })
      return found
    })
    byCertificate?.forget(name)
    if (!row) return
    await refresh()
    await activity.record(actor, {
      what: 'controllers.revoke',
      subject: name,
      before: { name, idc: row.idc, fingerprint: fingerprintOf(row.seal_key) },
    })
    // One that still listens ends what it has. One that does not, is not asked.
    await tell(row.idc, engine.intent.put(row.idc, `controller:${name}`, { want: 'leave' }))
  }

  return {
    list,
    refresh,
    idcs: async () => [...(await idcsOf()).keys()],

    async see(presence) {
      if ((await byCertificate?.see(presence)) !== 'enrolled') return
      await admit(presence.name, presence.idc)
    },

    async followCa() {
      const gone = (await byCertificate?.revokedSince(await table.all(db))) ?? []
      for (const { name } of gone) await revoke(systemActor, name)
    },

    isRevoked: (name) => revoked.has(name),
    enrolledIdcs: async () => [
      ...new Set(
        (await table.all(db)).flatMap((row) => (row.revoked_at === null ? [row.idc] : [])),
      ),
    ],
    enrolledIn: async (idc) =>
      (await table.all(db)).flatMap((row) =>
        row.idc === idc && row.revoked_at === null ? [row.name] : [],
      ),
    sealKeysOf: (idc) => table.sealKeysOf(db, idc),

    async enroll(actor, { name, idc, sealKey }) {
      await db.transaction().execute(async (trx) => {
        const before = await table.byName(trx, name)
        if (before && before.revoked_at === null) {
          throw new Problem('CONTROLLER_EXISTS', { controller: name })
        }
        await table.save(trx, {
          name,
          idc,
          seal_key: sealKey,
          enrolled_at: clock.now(),
          enrolled_by: actor.name,
          revoked_at: null,
          revoked_by: null,
          generation: null,
          cert_serial: null,
          cert_fingerprint: null,
          cert_ends_at: null,
        })
      })
      byCertificate?.forget(name)
      const after = { name, idc, fingerprint: fingerprintOf(sealKey) }
      await activity.record(actor, { what: 'controllers.enroll', subject: name, after })
      await admit(name, idc)
      return view(name)
    },

    async revoke(actor, name) {
      await revoke(actor, name)
      return view(name)
    },

    async drain(actor, name, drain) {
      const { idcs } = await view(name)
      const key = `controller:${name}`
      for (const idc of idcs) {
        const order = drain
          ? engine.intent.put(idc, key, { want: 'drain' })
          : engine.intent.remove(idc, key)
        const done = await inTime(
          order.then(() => true),
          PATIENCE_MS,
        )
        if (!done) throw new Problem('BUS_TIMEOUT', { idc, method: 'drain', ms: PATIENCE_MS })
      }
      const what = drain ? 'controllers.drain' : 'controllers.resume'
      await activity.record(actor, { what, subject: name })
      return view(name)
    },

    async whyWaiting(idc) {
      const found = await look(idc)
      const rows = (await table.all(db)).filter((row) => row.idc === idc)
      return idcTroubles(found && { present: found.present }, rows)[0]
    },
  }
}

const howEnrolled = (row: ControllersTable): 'certificate' | 'person' =>
  row.enrolled_by === systemActor.name && row.cert_serial !== null ? 'certificate' : 'person'

const shownBy = (row: ControllersTable): ControllerView['certificate'] =>
  row.generation === null || row.cert_ends_at === null
    ? null
    : {
        serial: row.cert_serial ?? '',
        fingerprint: row.cert_fingerprint ?? '',
        generation: row.generation,
        endsAt: row.cert_ends_at,
      }
