// The lock file has to install on any machine, from any registry.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

interface Locked {
  readonly resolved?: string
  readonly link?: boolean
  readonly optionalDependencies?: Record<string, string>
}

const lock: { packages: Record<string, Locked> } = JSON.parse(
  readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'),
)

test('the lock file names no registry', () => {
  const addressed = Object.values(lock.packages).filter((p) => p.resolved?.includes('://'))
  expect(addressed).toEqual([])
})

// A registry that lags behind lacks some platforms' builds when a version is new. npm then leaves them
// out of the lock without a word, and `npm ci` refuses that lock (docs/decisions/0001-house.md).
test('the lock file holds every optional package of every platform', () => {
  const locked = new Set(
    Object.keys(lock.packages).map((path) => path.split('node_modules/').at(-1)),
  )
  const absent = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !locked.has(name))
      .map(([name, version]) => `${path} wants ${name}@${version}`),
  )
  expect(absent).toEqual([])
})
