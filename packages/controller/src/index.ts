// The controller: takes slices of runs and carries them out through drivers.

export {
  type Controller,
  type ControllerOptions,
  type ControllerStats,
  startController,
} from './controller.ts'
export type { ControllerLog } from './controller-setting.ts'
export type * from './driver.ts'
export { simDriver } from './drivers/sim/sim-driver.ts'
export { ABORT_TOPIC } from './run-intents.ts'
