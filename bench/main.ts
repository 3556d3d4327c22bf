// `npm run bench [-- --only NAME] [--quick]`: prints the tables that bench/README.md keeps with their date.

import { parseArgs } from 'node:util'
import { benchBetweenMachines } from './between-machines.ts'
import { benchBrowser } from './browser.ts'
import { benchConnections } from './connections.ts'
import { benchFanOut } from './fan-out.ts'
import { benchIdleServer } from './idle-server.ts'
import { benchSimulated } from './simulated.ts'

const { values } = parseArgs({
  options: {
    /** Fewer rounds, smaller fleets. */
    quick: { type: 'boolean', default: false },
    /** One part by its name. */
    only: { type: 'string', default: '' },
    /** Real sshd hosts of the fan-out, instead of 200 and 500. */
    hosts: { type: 'string', default: '' },
    /** What the simulated hosts are stored in, empty: mysql://… or postgres://…, instead of SQLite. */
    database: { type: 'string', default: '' },
  },
})
const { quick } = values
const fleets = values.hosts === '' ? (quick ? [50] : [200, 500]) : [Number(values.hosts)]

const parts: Readonly<Record<string, () => Promise<string>>> = {
  idle: () => benchIdleServer(quick ? 2 : 5),
  simulated: () => benchSimulated(quick ? 2 : 5, !quick, values.database),
  connections: () => benchConnections(quick ? 1_000 : 10_000),
  'between-machines': () => benchBetweenMachines(quick ? 2 : 5, quick),
  browser: () => benchBrowser(quick ? 5_000 : 50_000),
  'fan-out': async () => {
    const tables = []
    for (const hosts of fleets) tables.push(await benchFanOut(hosts, quick ? 2 : 3))
    return tables.join('\n\n')
  },
}
if (values.only !== '' && !Object.hasOwn(parts, values.only)) {
  console.error(`--only takes ${Object.keys(parts).join(', ')}`)
  process.exit(2)
}
for (const [name, measure] of Object.entries(parts)) {
  if (values.only !== '' && values.only !== name) continue
  console.log(`\n## ${name}\n`)
  console.log(await measure())
}
