// sbom.ts SECONDS [ARCH]: prints what a release of that time consists of, as CycloneDX: every package it needs to run,
// with version, licence and checksum, those that are bundled into the page included.
//
// npm knows it all but our own licence; what differs between two calls is made to depend on the content alone, so that
// the same sources give the same release.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

interface Component {
  readonly 'bom-ref': string
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly licenses?: readonly unknown[]
}

interface Bom {
  readonly metadata: { readonly component: Component }
  readonly components: readonly Component[]
}

const repository = resolve(import.meta.dirname, '..')
const readJson = (file: string) => JSON.parse(readFileSync(join(repository, file), 'utf8'))
const { name, license } = readJson('package.json')

const fromNpm = (): Bom => {
  const words = ['sbom', '--sbom-format=cyclonedx', '--package-lock-only']
  const text = execFileSync('npm', words, {
    cwd: repository,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  })
  return JSON.parse(text)
}

interface Locked {
  readonly name?: string
  readonly version: string
  readonly dev?: boolean
  readonly devOptional?: boolean
}

/** `name@version`. npm’s own `--omit=dev` leaves out what both we and a release need (npm 11.19: zod, ssh2, pg). */
const neededToRun = (): ReadonlySet<string> =>
  new Set(
    Object.entries<Locked>(readJson('package-lock.json').packages)
      .filter(([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional)
      .map(([path, one]) => `${one.name ?? path.split('node_modules/').at(-1)}@${one.version}`),
  )

const isOurs = ({ purl }: Component): boolean => purl.startsWith('pkg:npm/%40omserver/')

/** npm calls a workspace by its folder, does not see its licence, and does not read how packages said theirs before 2014. */
const named = (component: Component): Component => {
  if (isOurs(component)) {
    const known = component['bom-ref'].replace(/^.*(@omserver\/[^@]+)@.*$/, '$1')
    return { ...component, name: known, licenses: [{ license: { id: license } }] }
  }
  if (component.licenses?.length) return component
  const { licenses = [] } = readJson(`node_modules/${component.name}/package.json`)
  return {
    ...component,
    licenses: licenses.map(({ type }: { type: string }) => ({ license: { id: type } })),
  }
}

/** As a UUID of version 8, which may be made of anything. */
const uuidOf = (text: string): string => {
  const hex = createHash('sha256').update(text).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

const [seconds = '0', arch = process.arch] = process.argv.slice(2)
const bom = fromNpm()
const needed = neededToRun()
const components = bom.components
  .filter((one) => isOurs(one) || needed.has(`${one.name}@${one.version}`))
  .filter(({ name }) => !name.startsWith('node-linux-') || name === `node-linux-${arch}`)
  .map(named)
const serialNumber = `urn:uuid:${uuidOf(JSON.stringify([bom.metadata.component.version, components]))}`
const metadata = {
  ...bom.metadata,
  timestamp: new Date(Number(seconds) * 1000).toISOString(),
  component: { ...bom.metadata.component, type: 'application', name },
}
console.log(JSON.stringify({ ...bom, serialNumber, metadata, components }, null, 1))
