// Every page in Chinese.

import { checkEveryPage } from './support/every-page.ts'

checkEveryPage('zh')
