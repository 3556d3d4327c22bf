// Every route of the contract, in the order the document shows them.

import { activityRoutes } from './activity.ts'
import { authRoutes } from './auth.ts'
import { clientRoutes } from './clients.ts'
import { controllerRoutes } from './controllers.ts'
import { credentialRoutes } from './credentials.ts'
import { endpointRoutes } from './endpoints.ts'
import { fetchedRoutes } from './fetched.ts'
import { fileRoutes } from './files.ts'
import { hostRoutes } from './hosts.ts'
import { moduleRoutes } from './modules.ts'
import { projectRoutes } from './projects.ts'
import type { Route } from './route.ts'
import { runRoutes } from './runs.ts'
import { settingsRoutes } from './settings.ts'
import { trustRoutes } from './trust.ts'
import { userRoutes } from './users.ts'

export const allRoutes: readonly Route[] = [
  authRoutes,
  hostRoutes,
  moduleRoutes,
  projectRoutes,
  runRoutes,
  fileRoutes,
  fetchedRoutes,
  trustRoutes,
  credentialRoutes,
  controllerRoutes,
  clientRoutes,
  endpointRoutes,
  userRoutes,
  activityRoutes,
  settingsRoutes,
].flatMap((routes): Route[] => Object.values(routes))
