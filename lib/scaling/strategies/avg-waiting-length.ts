import { z } from 'zod'
import type { Strategy } from './strategy.ts'
import { workersFor } from './workers-for.ts'

/**
 * The PAI-EAS strategy: wanted = occupied + ceil(waiting / avgWaitingLength).
 * Source: PAI-EAS Scalable Job page, "Enable automatic scaling".
 *
 * With avgWaitingLength 2:
 * - 5 waiting, no worker: 0 + 3 = 3.
 * - Those three took a job each 5 s ago, 2 still wait: 0 + 1 = 1, so nothing is added: should the
 *   jobs be short, three workers do. Nothing is taken away either (`settleWanted` lowers only to
 *   what would be wanted if the jobs turned out long: 3 + 1).
 * - The same 30 s later: 3 + 1 = 4, so that nothing waits for days behind a long training.
 * - 2 occupied, 3 idle, nothing waits: 2 + 0 = 2; the three idle ones are surplus.
 * - 2 occupied, 1 starting, 2 wait: 2 + 1 = 3; the starting one is the third, none is added.
 */
export const avgWaitingLength = {
  key: 'avg_waiting_length',
  schema: z
    .number()
    .min(0.01)
    .max(1_000_000)
    .describe('Waiting jobs per worker above which workers are added.'),
  default: 2,
  reason: {
    code: 'waiting-jobs',
    sentence: 'More jobs wait than the free workers should have in front of them.',
  },
  wanted: (input, setting) =>
    workersFor(input, { perWorker: () => setting, isOccupied: () => false }),
} as const satisfies Strategy
