// Everything goes wrong in one run, by dice, on MariaDB.

import { mixesOn } from './mixes-on.ts'

mixesOn('mariadb', 'mariadbd')
