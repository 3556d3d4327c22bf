// `npm run bench [-- --quick]`: prints the tables that bench/README.md keeps with their date.

import { parseArgs } from 'node:util'
import { benchFanOut } from './fan-out.ts'
import { benchSimulated } from './simulated.ts'

const { values } = parseArgs({
  options: {
    /** Fewer rounds and no 100,000 hosts. */
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    hosts: { type: 'string', default: '200' },
  },
})
const rounds = values.quick ? 2 : 5
const parts: Readonly<Record<string, () => Promise<string>>> = {
  simulated: () => benchSimulated(rounds, !values.quick),
  'fan-out': () => benchFanOut(Number(values.hosts), rounds),
}
for (const [name, measure] of Object.entries(parts)) {
  if (values.only !== '' && values.only !== name) continue
  console.log(`\n## ${name}\n`)
  console.log(await measure())
}
