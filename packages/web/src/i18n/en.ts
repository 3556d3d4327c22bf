// All texts of the screen in English: one file a slice.

import activity from './en/activity.json'
import app from './en/app.json'
import auth from './en/auth.json'
import credentials from './en/credentials.json'
import hosts from './en/hosts.json'
import modules from './en/modules.json'
import runs from './en/runs.json'
import settings from './en/settings.json'
import status from './en/status.json'
import trust from './en/trust.json'
import ui from './en/ui.json'
import users from './en/users.json'

export const en = {
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
