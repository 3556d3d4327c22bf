// The controller: takes slices of runs and carries them out through drivers.

export type * from './driver.ts'
