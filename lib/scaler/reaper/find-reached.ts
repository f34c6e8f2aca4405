import { TASK_TYPES, type TaskType } from '../../job/job.ts'
import { statusHash } from '../../job/keys.ts'
import { readNominated } from '../read-nominated.ts'
import type { ReaperContext } from './reaper-context.ts'

const DEEP_QUEUE = 1000
const ROWS = 100

/** For each type whose queue is deep: the newest job of it that runs; empty where none does. */
export type Reached = Readonly<Partial<Record<TaskType, string>>>

/**
 * How far workers have got in deep queues. Queues hand out roughly in order, so the message of a job
 * that is newer than all that run most likely still stands in the queue; sending another one would
 * make a long queue twice as long each time.
 *
 * A type whose queue is not deep is left out: there a lost message leaves a worker idle.
 */
export async function findReached({ deps, sensed }: ReaperContext): Promise<Reached> {
  const { depth } = sensed.observation
  if (!depth.seen) return {}
  const { command, query } = depth.value
  const { deepQueueMessages = DEEP_QUEUE } = deps
  if (Math.max(command, query) < deepQueueMessages) return {}
  const { jobs, next } = await readNominated(deps.table, {
    index: 'byStatus',
    hash: statusHash('running'),
    newestFirst: true,
    limit: ROWS,
  })
  const reached: Partial<Record<TaskType, string>> = {}
  for (const type of TASK_TYPES) {
    if (depth.value[type] < deepQueueMessages) continue
    const newest = jobs.find(({ job }) => job.taskType === type)?.job.id
    // None among the newest: where more run, one of this type may be behind them.
    if (newest !== undefined || next === undefined) reached[type] = newest ?? ''
  }
  return reached
}
