import type { Random } from '../../support/random.ts'
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

/** A busy worker breaks more than an idle one, and a command lives on where nobody ends it. */
const BUSY_SHARE = 0.85
const COMMAND_SHARE = 0.7

/** A worker that nothing else of the campaign has down; most often one that runs something. */
export async function pickWorker(arena: Stage, random: Random): Promise<Victim | undefined> {
  const running = await findAttempts(arena)
  const down = new Set(arena.outages.filter(({ untilMs }) => untilMs > Date.now()).map(taskOf))
  const victims = livingWorkers(arena.workersFile)
    .filter(({ taskId }) => !down.has(taskId))
    .map((worker) => ({ ...worker, attempts: running.get(worker.workerId) ?? [] }))
  const busy = victims.filter(({ attempts }) => attempts.length > 0)
  const commanding = busy.filter(({ attempts }) => {
    return attempts.some(({ taskType }) => taskType === 'command')
  })
  const [isBusy, isCommanding] = [random.chance(BUSY_SHARE), random.chance(COMMAND_SHARE)]
  const wanted = [isBusy && isCommanding ? commanding : [], isBusy ? busy : [], victims]
  const choice = wanted.find(({ length }) => length > 0) ?? []
  return choice.length === 0 ? undefined : random.pick(choice)
}

function taskOf({ taskId }: Stage['outages'][number]): string | undefined {
  return taskId
}
