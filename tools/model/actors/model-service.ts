import type { Service } from '../../../lib/service/service.ts'
import { aService } from '../../../test/support/a-service.ts'
import type { Scenario } from '../world/scenario.ts'

const BASE = aService({}, { containers: [{ image: 'digits' }] })

/** Commands only, or queries, with the periods of a real service but a short lease. */
export function makeModelService({ scaling, workers, hasModel = false }: Scenario): Service {
  return {
    ...BASE,
    taskTypes: [hasModel ? 'query' : 'command'],
    container: { image: 'digits', env: {}, startSeconds: 10 },
    timing: {
      beatSeconds: 10,
      leaseSeconds: { command: 30, query: 30 },
      lookSeconds: 10,
      kickOnSubmit: true,
      protectionMinutes: 60,
      protectionHoldSeconds: 30,
      stopSeconds: 20,
    },
    scaling: {
      min: workers,
      max: workers,
      strategies: { avg_waiting_length: 2 },
      scaleUpStabilizationSeconds: 0,
      scaleDownStabilizationSeconds: 1,
      zeroGraceSeconds: 20,
      activationWorkers: 1,
      occupiedAfterSeconds: 30,
      ...scaling,
    },
  }
}
