// What every engine adapter must do, as cases: run them all against each adapter, a fresh engine for each case.

import { boardCases } from './conformance/board-cases.ts'
import { busCases } from './conformance/bus-cases.ts'
import { callCases } from './conformance/call-cases.ts'
import type { ConformanceCase } from './conformance/case-kit.ts'
import { deliveryCases } from './conformance/delivery-cases.ts'
import { engineCases } from './conformance/engine-cases.ts'
import { fenceCases } from './conformance/fence-cases.ts'
import { itemCases } from './conformance/item-cases.ts'
import { logCases } from './conformance/log-cases.ts'
import { queueCases } from './conformance/queue-cases.ts'

export type { ConformanceCase } from './conformance/case-kit.ts'

export const engineConformance: readonly ConformanceCase[] = [
  ...queueCases,
  ...deliveryCases,
  ...logCases,
  ...fenceCases,
  ...boardCases,
  ...busCases,
  ...callCases,
  ...itemCases,
  ...engineCases,
]
