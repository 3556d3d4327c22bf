// The whole system on PostgreSQL.

import { onDatabase } from './support/on-database.ts'

onDatabase('postgres', 'postgres')
