// Leaves the schemas of the contract out of the page: it needs of a route where it is and what it is called, and the
// server parses. Zod and all schemas are 45 KiB (gzip) and 30 ms that every first visit would pay for.

import type { Plugin } from 'vite'

const STUB = '\0schemas-left-out'

/**
 * Stands in for `z`: takes any call, any property, and describes nothing. Whoever tries to parse with it is told,
 * because an answer that was never checked must not look like one that was.
 */
const stub = `
const parsing = new Set(['parse', 'safeParse', 'parseAsync', 'safeParseAsync', 'decode', 'encode', '~standard'])
const nothing = new Proxy(() => nothing, {
  get: (_, name) => {
    if (parsing.has(name)) throw new Error('The page has no schemas of the contract; see packages/web/contract-without-schemas.ts')
    return name === Symbol.toPrimitive ? () => '' : nothing
  },
  apply: () => nothing,
  construct: () => nothing,
})
export const z = nothing
`

const isContract = (file: string | undefined): boolean =>
  file !== undefined && /\/packages\/(?:api|core)\/src\//.test(file.replaceAll('\\', '/'))

export const contractWithoutSchemas = (): Plugin => ({
  name: 'contract-without-schemas',
  enforce: 'pre',
  resolveId: (id, importer) => (id === 'zod' && isContract(importer) ? STUB : undefined),
  load: (id) => (id === STUB ? stub : undefined),
})
