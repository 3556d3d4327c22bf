// stub
import type { DriverName, TargetHost } from './host.ts'
export interface SlicePlan { readonly idc: string; readonly driver: DriverName; readonly hosts: readonly TargetHost[]; readonly concurrency: number; readonly wave: number }
export const cutSlices = (input: { readonly hosts: readonly { readonly target: TargetHost; readonly idc: string; readonly driver: DriverName }[]; readonly concurrency: number; readonly actionBytes: number }): readonly SlicePlan[] => { throw new Error('not written yet') }
