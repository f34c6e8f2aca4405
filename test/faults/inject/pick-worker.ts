import type { Random } from '../random.ts'
import type { Stage } from '../stage.ts'
import { findAttempts, type RunningAttempt } from '../watch/find-attempts.ts'
import { livingWorkers } from '../watch/worker-records.ts'

export interface Victim {
  readonly pid: number
  readonly taskId: string
  readonly workerId: string
  /** What it runs. */
  readonly attempts: readonly RunningAttempt[]
}

/** A busy worker breaks more than an idle one. */
const BUSY_SHARE = 0.85

/** A worker that nothing else of the campaign has down; most often one that runs something. */
export async function pickWorker(arena: Stage, random: Random): Promise<Victim | undefined> {
  const running = await findAttempts(arena)
  const down = new Set(arena.outages.filter(({ untilMs }) => untilMs > Date.now()).map(taskOf))
  const victims = livingWorkers(arena.workersFile)
    .filter(({ taskId }) => !down.has(taskId))
    .map((worker) => ({ ...worker, attempts: running.get(worker.workerId) ?? [] }))
  const busy = victims.filter(({ attempts }) => attempts.length > 0)
  const choice = busy.length > 0 && random.chance(BUSY_SHARE) ? busy : victims
  return choice.length === 0 ? undefined : random.pick(choice)
}

function taskOf({ taskId }: Stage['outages'][number]): string | undefined {
  return taskId
}
