// Brings a database to the shape this version of the code expects: steps from code, each once, each recorded.

import { Problem } from '@omserver/core'
import type { Kysely } from 'kysely'
import * as spine from './migrations/0001-spine.ts'
import * as hostSteps from './migrations/0002-host-steps.ts'
import * as trustWork from './migrations/0003-trust-work.ts'
import * as passwordTime from './migrations/0004-password-time.ts'
import * as sliceHosts from './migrations/0005-slice-hosts.ts'
import * as controllers from './migrations/0006-controllers.ts'
import * as controllerCertificates from './migrations/0007-controller-certificates.ts'
import * as idcClients from './migrations/0008-idc-clients.ts'
import * as deniedClients from './migrations/0009-denied-clients.ts'
import * as stepDetails from './migrations/0010-step-details.ts'
import * as projects from './migrations/0011-projects.ts'
import * as driverEndpoints from './migrations/0012-driver-endpoints.ts'
import * as files from './migrations/0013-files.ts'
import * as fetchedFiles from './migrations/0014-fetched-files.ts'

export interface Migration {
  readonly name: string
  readonly up: (db: Kysely<unknown>) => Promise<void>
}

/** In the order they run. A step that has been released is never edited; a new one is added below. */
export const migrations: readonly Migration[] = [
  { name: '0001-spine', up: spine.up },
  { name: '0002-host-steps', up: hostSteps.up },
  { name: '0003-trust-work', up: trustWork.up },
  { name: '0004-password-time', up: passwordTime.up },
  { name: '0005-slice-hosts', up: sliceHosts.up },
  { name: '0006-controllers', up: controllers.up },
  { name: '0007-controller-certificates', up: controllerCertificates.up },
  { name: '0008-idc-clients', up: idcClients.up },
  { name: '0009-denied-clients', up: deniedClients.up },
  { name: '0010-step-details', up: stepDetails.up },
  { name: '0011-projects', up: projects.up },
  { name: '0012-driver-endpoints', up: driverEndpoints.up },
  { name: '0013-files', up: files.up },
  { name: '0014-fetched-files', up: fetchedFiles.up },
]

interface Recorded {
  migrations: { name: string; applied_at: number }
}

/**
 * Runs the steps that the database lacks; a second call does nothing.
 * Throws Problem('DB_NEWER', {step}) when the database has a step this code does not know.
 */
export const migrate = async (
  db: Kysely<unknown>,
  options: { readonly steps: readonly Migration[]; readonly now: () => number },
): Promise<readonly string[]> => {
  const recorded = db as Kysely<Recorded>
  await db.schema
    .createTable('migrations')
    .ifNotExists()
    .addColumn('name', 'varchar(100)', (c) => c.primaryKey())
    .addColumn('applied_at', 'bigint', (c) => c.notNull())
    .execute()
  const rows = await recorded.selectFrom('migrations').select('name').execute()
  const applied = new Set(rows.map((row) => row.name))
  const known = new Set(options.steps.map((step) => step.name))
  for (const name of applied) {
    if (!known.has(name)) throw new Problem('DB_NEWER', { step: name })
  }
  const done: string[] = []
  for (const step of options.steps) {
    if (applied.has(step.name)) continue
    // A step and its record are one transaction: a server killed half-way starts the step again from nothing.
    await recorded.transaction().execute(async (trx) => {
      await step.up(trx as unknown as Kysely<unknown>)
      await trx
        .insertInto('migrations')
        .values({ name: step.name, applied_at: options.now() })
        .execute()
    })
    done.push(step.name)
  }
  return done
}
