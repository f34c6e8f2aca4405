import type { Stage } from '../stage.ts'
import type { Random } from '../../support/random.ts'
import { guardPids } from '../../../test/support/processes.ts'
import { noticeLoss } from '../watch/notice-loss.ts'
import { noticeLeftovers } from '../watch/notice-leftovers.ts'
import { pickWorker } from './pick-worker.ts'

/** SIGKILL of a worker; of every third together with the guards of its commands. */
export async function killWorker(arena: Stage, random: Random): Promise<void> {
  const victim = await pickWorker(arena, random)
  if (victim === undefined) return
  const { pid, taskId, workerId, attempts } = victim
  const withGuards = random.chance(1 / 3)
  const pids = withGuards ? [...guardPids(pid), pid] : [pid]
  const atMs = Date.now()
  arena.beginOutage('down', taskId)
  if (!killAll(pids)) return
  arena.fault(withGuards ? 'worker and guards: SIGKILL' : 'worker: SIGKILL', taskId)
  const death = { how: 'killed', workerId, atMs } as const
  await Promise.all([
    noticeLeftovers(arena, { taskId, withGuards }),
    ...attempts.map((attempt) => noticeLoss(arena, attempt, death)),
  ])
}

/** Whether anybody was there to kill. */
function killAll(pids: readonly number[]): boolean {
  return pids.map(kill).some((isKilled) => isKilled)
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch {
    return false // It has gone by itself.
  }
}
