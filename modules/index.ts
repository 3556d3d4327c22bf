// The catalogue of built-in task modules. A new module is one file and one line here.

import type { Module } from '@omserver/core'
import { ansiblePlaybook } from './ansible/playbook.ts'
import { syncAppFile } from './file/sync-app-file.ts'
import { viewAppConfig } from './file/view-app-config.ts'
import { funcCall } from './func/call.ts'
import { copy } from './general/copy.ts'
import { fetch } from './general/fetch.ts'
import { script } from './general/script.ts'
import { shell } from './general/shell.ts'
import { networkPorts } from './network/ports.ts'
import { packageVersion } from './package/version.ts'
import { processKill } from './process/kill.ts'
import { processList } from './process/list.ts'
import { saltCall } from './salt/call.ts'
import { saltState } from './salt/state.ts'
import { deployCache } from './service/deploy-cache.ts'
import { serviceReload } from './service/reload.ts'
import { serviceRestart } from './service/restart.ts'
import { serviceStatus } from './service/status.ts'
import { serviceStop } from './service/stop.ts'
import { cronList } from './system/cron.ts'
import { systemDisk } from './system/disk.ts'
import { kernelModules } from './system/kernel-modules.ts'
import { systemLoad } from './system/load.ts'
import { systemLog } from './system/log.ts'
import { systemLogins } from './system/logins.ts'
import { systemMemory } from './system/memory.ts'
import { systemReboot } from './system/reboot.ts'
import { systemRelease } from './system/release.ts'
import { systemUptime } from './system/uptime.ts'
import { userActive } from './user/active.ts'
import { userList } from './user/list.ts'

// Each module checks its own parameters before it sees them, so that here their types no longer matter.
const catalogue = <const M extends readonly unknown[]>(modules: M): readonly Module[] =>
  modules as unknown as readonly Module[]

export const builtinModules: readonly Module[] = catalogue([
  shell,
  script,
  copy,
  funcCall,
  fetch,
  systemRelease,
  systemUptime,
  systemLoad,
  systemMemory,
  systemDisk,
  systemLog,
  systemLogins,
  kernelModules,
  cronList,
  systemReboot,
  processList,
  processKill,
  networkPorts,
  serviceStatus,
  serviceRestart,
  serviceReload,
  serviceStop,
  deployCache,
  syncAppFile,
  viewAppConfig,
  packageVersion,
  userList,
  userActive,
  ansiblePlaybook,
  saltState,
  saltCall,
])
