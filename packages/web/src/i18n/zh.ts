// All texts of the screen in Chinese: one file a slice. What only one page needs comes with that page: more.ts.

import app from './zh/app.json'
import auth from './zh/auth.json'
import credentials from './zh/credentials.json'
import hosts from './zh/hosts.json'
import modules from './zh/modules.json'
import runs from './zh/runs.json'
import settings from './zh/settings.json'
import status from './zh/status.json'
import ui from './zh/ui.json'

export const zh = {
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
