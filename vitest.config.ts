// How the tests run: the house's own checks first, then the unit tests, then the whole system.

import { defineConfig } from 'vitest/config'
import TallyReporter from './scripts/tally-reporter.ts'

const ignored = ['**/node_modules/**', '**/dist/**']

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
          exclude: ignored,
          testTimeout: 20_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/**/*.spec.ts'],
          exclude: ignored,
          testTimeout: 120_000,
          hookTimeout: 180_000,
          // Each file starts servers, sshd and a browser of its own: two at once would measure each other.
          fileParallelism: false,
          retry: 0,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
