// Every page in English.

import { checkEveryPage } from './support/every-page.ts'

checkEveryPage('en')
