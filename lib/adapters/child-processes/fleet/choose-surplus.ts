import { isProtected, type WorkerTask } from '../task/worker-task.ts'

/**
 * Which tasks of a side to stop so that it comes down to `desired`: only tasks whose protection is
 * off or lapsed, first those that do not run yet, then the newest. Fewer than the surplus while the
 * others are protected. (ECS: service scale-in with task scale-in protection.)
 *
 * @param live the tasks that count, oldest first
 */
export function chooseSurplus(
  live: readonly WorkerTask[],
  desired: number,
  nowMonotonicMs: number,
): WorkerTask[] {
  const surplus = Math.max(live.length - desired, 0)
  return live
    .filter((task) => !isProtected(task, nowMonotonicMs))
    .toReversed()
    .toSorted((one, other) => rank(one) - rank(other))
    .slice(0, surplus)
}

function rank({ state }: WorkerTask): number {
  return state === 'pending' ? 0 : 1
}
