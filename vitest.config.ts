// How the tests run: the house's own checks first, then the unit tests, then the whole system.

import { defineConfig } from 'vitest/config'
import TallyReporter from './scripts/tally-reporter.ts'

const ignored = ['**/node_modules/**', '**/dist/**']

/** Many wait for an sshd, a nats-server or a database: one alone would leave half of two processors idle. */
const UNIT_WORKERS = 2

/** They watch the memory of a server or the time it takes: a neighbour would be measured too. */
const alone = ['e2e/output.spec.ts', 'e2e/disk-full.spec.ts', 'e2e/keyboard.spec.ts']

/** They drive whole tools of others, each of them many processes: beside them everybody else would be late. */
const tools = ['packages/controller/src/drivers/{ansible,salt}/**/*.test.ts']

/** What of the server keeps data, once more on each database that is a server of its own. */
const onDatabase = (kind: 'mariadb' | 'postgres') => ({
  test: {
    name: kind,
    include: [
      'packages/server/src/{activity,auth,credentials,db,hosts,modules,projects,replicas,runs,settings,trust,users}/**/*.test.ts',
    ],
    exclude: [...ignored, ...needsNoDatabase],
    globalSetup: [`e2e/support/${kind}.setup.ts`],
    setupFiles: ['e2e/support/needs-database.setup.ts'],
    provide: { databaseKind: kind },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: UNIT_WORKERS,
    sequence: { groupOrder: 1 },
  },
})

const needsNoDatabase = [
  // It counts the places at which it kills, whose order depends on how long a database takes to answer.
  '**/trust/restart.test.ts',
  '**/modules/draft.test.ts',
  '**/projects/limits.test.ts',
  // Git, for the most part; what is stored of projects is in routes.test.ts as well.
  '**/projects/projects.test.ts',
  '**/auth/throttle.test.ts',
  '**/credentials/private-key.test.ts',
  '**/hosts/import-remarks.test.ts',
  '**/modules/file-module.test.ts',
  '**/modules/module-folder.test.ts',
  '**/runs/shares.test.ts',
]

export default defineConfig({
  test: {
    reporters: ['default', new TallyReporter()],
    projects: [
      {
        test: {
          name: 'house',
          include: ['scripts/house.check.ts'],
          testTimeout: 300_000,
          fileParallelism: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'unit',
          include: ['packages/**/*.test.{ts,tsx}', 'modules/**/*.test.ts', 'scripts/**/*.test.ts'],
          exclude: [...ignored, ...tools],
          testTimeout: 20_000,
          maxWorkers: UNIT_WORKERS,
          sequence: { groupOrder: 1 },
        },
      },
      onDatabase('mariadb'),
      onDatabase('postgres'),
      {
        test: {
          name: 'e2e',
          include: ['e2e/**/*.spec.ts'],
          exclude: [...ignored, ...alone],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          // Each file starts servers, sshd and a browser of its own; they wait for hosts more than they work.
          maxWorkers: 2,
          retry: 0,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'tools',
          include: tools,
          testTimeout: 60_000,
          hookTimeout: 300_000,
          maxWorkers: 2,
          retry: 0,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          name: 'alone',
          include: alone,
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
          retry: 0,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
})
