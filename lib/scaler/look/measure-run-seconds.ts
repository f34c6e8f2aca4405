import { type Job, TASK_TYPES } from '../../job/job.ts'
import { statusHash } from '../../job/keys.ts'
import type { Observation, Observed, WaitingRows } from '../../scaling/observation.ts'
import { needRunSeconds } from '../../scaling/strategies/strategies.ts'
import type { Service } from '../../service/service.ts'
import { observePart } from './observe-part.ts'
import { readNominated } from '../read-nominated.ts'
import type { ScalerDeps } from './scaler-deps.ts'

const SAMPLE_JOBS = 40

/**
 * Mean run time, per task type, of the newest jobs that succeeded. Read only where it is of use:
 * a strategy needs it, and something waits. A type without a success is left out.
 */
export async function measureRunSeconds(
  deps: ScalerDeps,
  service: Service,
  waiting: Observed<WaitingRows>,
): Promise<Observation['runSeconds']> {
  const waits = waiting.seen && waiting.value.counts.command + waiting.value.counts.query > 0
  if (!needRunSeconds(service.scaling.strategies) || !waits) return {}
  const sample = await observePart(deps, 'run times', () =>
    readNominated(deps.table, {
      index: 'byStatus',
      hash: statusHash('succeeded'),
      limit: SAMPLE_JOBS,
      newestFirst: true,
    }),
  )
  if (!sample.seen) return {}
  const jobs = sample.value.jobs.map(({ job }) => job)
  return Object.fromEntries(
    TASK_TYPES.flatMap((type) => {
      const seconds = jobs.filter((job) => job.taskType === type).flatMap(runSecondsOf)
      if (seconds.length === 0) return []
      return [[type, seconds.reduce((sum, each) => sum + each, 0) / seconds.length]]
    }),
  )
}

function runSecondsOf({ startedAt, endedAt }: Job): number[] {
  if (startedAt === undefined || endedAt === undefined) return []
  return [Math.max(Date.parse(endedAt) - Date.parse(startedAt), 0) / 1000]
}
