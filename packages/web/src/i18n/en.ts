// All texts of the screen in English: one file a slice. What only one page needs comes with that page: more.ts.

import app from './en/app.json'
import auth from './en/auth.json'
import credentials from './en/credentials.json'
import hosts from './en/hosts.json'
import modules from './en/modules.json'
import runs from './en/runs.json'
import settings from './en/settings.json'
import status from './en/status.json'
import ui from './en/ui.json'

export const en = {
  app,
  auth,
  credentials,
  hosts,
  modules,
  runs,
  settings,
  status,
  ui,
}
