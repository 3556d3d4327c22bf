// The whole system on MariaDB.

import { onDatabase } from './support/on-database.ts'

onDatabase('mariadb', 'mariadbd')
