// The controller: takes slices of runs and carries them out through drivers.

export {
  type Controller,
  type ControllerOptions,
  type ControllerStats,
  startController,
} from './controller.ts'
export type { ControllerLog } from './controller-log.ts'
export type { Evaluate } from './direct/checked-run.ts'
export { type DirectDesk, directDesk } from './direct/direct-desk.ts'
export type * from './driver.ts'
export { type AnsibleDriverOptions, ansibleDriver } from './drivers/ansible/driver.ts'
export { type FuncDriverOptions, funcDriver } from './drivers/func/driver.ts'
export { type LocalDriverOptions, localDriver } from './drivers/local/driver.ts'
export { type SaltDriverOptions, saltDriver } from './drivers/salt/driver.ts'
export { simDriver } from './drivers/sim/driver.ts'
export { type SshDriverOptions, sshDriver } from './drivers/ssh/driver.ts'
export { createIntroduction } from './introduction.ts'
export { createRefusals, type Refusals } from './refusals.ts'
