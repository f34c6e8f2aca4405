import type { MetricName } from '../../registry/metrics.ts'
import type { Decision } from '../../scaling/decision.ts'
import type { MetricSample } from '../../ports/metrics.ts'
import type { ScalerDeps } from './scaler-deps.ts'
import type { Snapshot } from './sense.ts'
import type { StepFailure } from './steps.ts'
import type { ReaperReport } from '../reaper/reaper-step.ts'

export interface LookFigures {
  readonly decision: Decision
  readonly snapshot: Snapshot
  readonly reaped: ReaperReport
  readonly failures: readonly StepFailure[]
}

/** Emits only what was observed: a gap in a graph is true, a zero would not be. */
export async function emitLookMetrics(deps: ScalerDeps, figures: LookFigures): Promise<void> {
  const atMs = deps.clock.now()
  const values = valuesOf(figures)
  const samples: MetricSample[] = []
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) samples.push({ name: name as MetricName, value, atMs })
  }
  await deps.metrics.emit(samples)
}

function valuesOf(figures: LookFigures): Partial<Record<MetricName, number | undefined>> {
  const { decision, snapshot, reaped, failures } = figures
  const { workers, fleet, observation } = snapshot
  const { waiting, oldestWaitingSeconds = 0, unseen } = decision.inputs
  return {
    WorkersWanted: decision.wanted,
    ...(waiting && {
      JobsWaiting: waiting.command + waiting.query,
      OldestWaitingSeconds: oldestWaitingSeconds,
    }),
    JobsRunning: reaped.running,
    ...(workers.seen && {
      WorkersBusy: workers.value.filter(({ row }) => row.jobs.length > 0).length,
    }),
    ...(fleet.seen && {
      WorkersRunning: fleet.value.sides.a.running + fleet.value.sides.b.running,
    }),
    QueueDepthDifference: depthDifference(observation),
    AttemptsLost: reaped.lost,
    DeadLetters: reaped.deadLetters,
    ScalerLookFailed: unseen.length > 0 || failures.length > 0 ? 1 : 0,
  }
}

/** Only where rows were counted to the end: otherwise the difference is unknown. */
function depthDifference({ depth, waiting }: Snapshot['observation']): number | undefined {
  if (!depth.seen || !waiting.seen || !waiting.value.isComplete) return undefined
  const { counts } = waiting.value
  return depth.value.command + depth.value.query - counts.command - counts.query
}
