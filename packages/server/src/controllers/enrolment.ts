// Enrols controllers by the certificates that they show: the CA has said who they are, and whom slices are sealed to.

import { checkHello, fingerprintOf, type Proven, type Signing } from '@omserver/engine'
import { systemActor } from '../access/index.ts'
import type { ControllersTable } from '../db/index.ts'
import type { Services } from '../services.ts'
import type { Presence } from './presence.ts'
import * as table from './table.ts'

/** What the server knows by certificates. */
export interface Certificates {
  readonly signing: Signing
  /** That it has a certificate for, whether there are hosts or not. */
  readonly idcs: () => Promise<readonly string[]>
  /** What the register of the CA says is revoked, where it is at hand. */
  readonly revoked?: () => Promise<readonly RevokedCertificate[]>
  /** The clients of that register, where it is at hand. */
  readonly clients?: () => Promise<readonly { readonly idc: string; readonly client: string }[]>
}

interface RevokedCertificate {
  readonly name: string
  readonly generation: number
  readonly sealKey?: string
}

type Outcome = 'enrolled' | 'known' | 'refused'

export interface Enrolment {
  /** Of a controller that is there; again and again. */
  see(presence: Presence): Promise<Outcome>
  /** Why its certificate was not taken. */
  whyNot(name: string): string | undefined
  /** A person has decided about the name: the next time that it is seen, it is looked at anew. */
  forget(name: string): void
  /** Enrolled, and revoked by the CA since. */
  revokedSince(rows: readonly ControllersTable[]): Promise<readonly ControllersTable[]>
}

type Needs = Pick<Services, 'db' | 'clock' | 'activity' | 'log'>

export const enrolment = (needs: Needs, certificates: Certificates): Enrolment => {
  const { db, clock, activity, log } = needs
  const { signing } = certificates
  /** Of each name what was seen last, and came to nothing new. */
  const seen = new Map<string, { readonly hello: string; readonly outcome: Outcome }>()
  const reasons = new Map<string, string>()
  let revoked: readonly RevokedCertificate[] = []

  const enrol = async (presence: Presence, sealKey: string, proven: Proven): Promise<Outcome> => {
    const { name, idc } = presence
    const { generation } = proven.by
    if (revoked.some((one) => one.name === name && generation <= one.generation)) return 'refused'
    const certificate = certificateOf(proven)
    return db.transaction().execute(async (trx) => {
      const row = await table.byName(trx, name)
      switch (verdictOn(row, { idc, sealKey, proven })) {
        case 'refuse':
          return 'refused'
        case 'same':
          return 'known'
        case 'later':
          await table.showed(trx, name, certificate)
          return 'known'
        case 'new': {
          const enrolled = { enrolled_at: clock.now(), enrolled_by: systemActor.name }
          const open = { revoked_at: null, revoked_by: null }
          await table.save(trx, {
            name,
            idc,
            seal_key: sealKey,
            ...enrolled,
            ...open,
            ...certificate,
          })
          const { serial, fingerprint, endsAt } = proven.certificate
          const by = { serial, sha256: fingerprint, generation, endsAt }
          const after = { name, idc, fingerprint: fingerprintOf(sealKey), certificate: by }
          await activity.record(
            systemActor,
            { what: 'controllers.enroll', subject: name, after },
            trx,
          )
          return 'enrolled'
        }
      }
    })
  }

  return {
    async see(presence) {
      const { name, idc, sealKey, hello } = presence
      if (sealKey === undefined || hello === undefined) return 'refused'
      const text = JSON.stringify([idc, sealKey, hello])
      const before = seen.get(name)
      if (before?.hello === text) return before.outcome
      let proven: Proven
      try {
        proven = checkHello(signing, { idc, name, sealKey }, hello)
        reasons.delete(name)
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        if (reasons.get(name) !== why) {
          log.warn({ controller: name, idc, why }, 'the certificate of a controller is not taken')
        }
        reasons.set(name, why)
        seen.set(name, { hello: text, outcome: 'refused' })
        return 'refused'
      }
      const outcome = await enrol(presence, sealKey, proven)
      seen.set(name, { hello: text, outcome: outcome === 'enrolled' ? 'known' : outcome })
      return outcome
    },
    whyNot: (name) => reasons.get(name),
    forget: (name) => void seen.delete(name),
    async revokedSince(rows) {
      revoked = (await certificates.revoked?.()) ?? []
      return rows.filter((row) => row.revoked_at === null && revoked.some(isOf(row)))
    },
  }
}

const isOf =
  (row: ControllersTable) =>
  ({ name, generation, sealKey }: RevokedCertificate): boolean =>
    name === row.name &&
    (row.generation === null ? sealKey === row.seal_key : row.generation <= generation)

const certificateOf = ({ by, certificate }: Proven) => ({
  generation: by.generation,
  cert_serial: certificate.serial,
  cert_fingerprint: certificate.fingerprint,
  cert_ends_at: certificate.endsAt,
})

/**
 * A name that was revoked here stays revoked for every generation up to the one it had then, renewed certificates
 * included. One that is issued anew is another. What a person has enrolled or revoked without a certificate is his to
 * change.
 */
const verdictOn = (
  row: ControllersTable | undefined,
  shown: { readonly idc: string; readonly sealKey: string; readonly proven: Proven },
): 'new' | 'later' | 'same' | 'refuse' => {
  const { by, certificate } = shown.proven
  const isCertified = certificate.sealKey !== undefined
  if (!row) return isCertified ? 'new' : 'refuse'
  const known = row.generation
  if (known !== null && by.generation < known) return 'refuse'
  if (known !== null && by.generation > known) return isCertified ? 'new' : 'refuse'
  if (row.revoked_at !== null) return 'refuse'
  if (row.idc !== shown.idc || row.seal_key !== shown.sealKey) return 'refuse'
  const isLater = row.cert_ends_at === null || certificate.endsAt > row.cert_ends_at
  return isLater ? 'later' : 'same'
}
