// Starts the page: language first, so that nothing is ever painted untranslated, then the application.

import { createRoot } from 'react-dom/client'
import { App } from './app/index.ts'
import { startTexts } from './i18n/index.ts'
import { keptPreferences } from './session/index.ts'

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')
await startTexts(keptPreferences().lang)
createRoot(root).render(<App />)
