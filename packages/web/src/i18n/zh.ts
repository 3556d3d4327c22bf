// All texts of the screen in Chinese: one file a slice.

import activity from './zh/activity.json'
import app from './zh/app.json'
import auth from './zh/auth.json'
import credentials from './zh/credentials.json'
import hosts from './zh/hosts.json'
import modules from './zh/modules.json'
import runs from './zh/runs.json'
import settings from './zh/settings.json'
import status from './zh/status.json'
import trust from './zh/trust.json'
import ui from './zh/ui.json'
import users from './zh/users.json'

export const zh = {
  activity,
  app,
  auth,
  credentials,
  hosts,
  modules,
  runs,
  settings,
  status,
  trust,
  ui,
  users,
}
