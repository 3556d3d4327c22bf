// What every driver must do, as cases: run them all against each driver. A case says what it needs of a harness.

import { abortCases } from './conformance/abort-cases.ts'
import type { ConformanceCase } from './conformance/case-kit.ts'
import { copyCases } from './conformance/copy-cases.ts'
import { detachedCases } from './conformance/detached-cases.ts'
import { fedCopyCases } from './conformance/fed-copy-cases.ts'
import { fetchCases } from './conformance/fetch-cases.ts'
import { lifeCases } from './conformance/life-cases.ts'
import { outputCases } from './conformance/output-cases.ts'
import { shellCases } from './conformance/shell-cases.ts'

export { canRun, type DriverHarness, type Feature, without } from './conformance/case-kit.ts'
export type { ConformanceCase }

export const driverConformance: readonly ConformanceCase[] = [
  ...lifeCases,
  ...abortCases,
  ...outputCases,
  ...shellCases,
  ...copyCases,
  ...fedCopyCases,
  ...fetchCases,
  ...detachedCases,
]
