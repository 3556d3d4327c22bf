// Everything goes wrong in one run, by dice, on PostgreSQL.

import { mixesOn } from './mixes-on.ts'

mixesOn('postgres', 'postgres')
