import { createHash, timingSafeEqual } from 'node:crypto'
import type { FleetSide, FleetTask, Side } from '../../../ports/fleet.ts'
import { isLive, toFleetTask, type WorkerTask, isProtected } from '../task/worker-task.ts'

const REMEMBER_STOPPED_MS = 3_600_000
const MAX_STOPPED = 1_000

/** The tasks of a fleet, oldest first: present ones, and those that stopped in the last hour. */
export class Roster {
  #tasks: WorkerTask[] = []

  get all(): readonly WorkerTask[] {
    return this.#tasks
  }

  add(task: WorkerTask): void {
    this.#tasks.push(task)
  }

  /** Tasks in any state but `stopped`. */
  present(side?: Side): WorkerTask[] {
    return this.#tasks.filter((task) => {
      return task.state !== 'stopped' && (side === undefined || task.side === side)
    })
  }

  /** Tasks that count towards the desired number. */
  live(side: Side): WorkerTask[] {
    return this.#tasks.filter((task) => task.side === side && isLive(task))
  }

  takenGpus(): Set<string> {
    return new Set(this.present().flatMap(({ gpu }) => gpu ?? []))
  }

  /** An unknown task has stopped: every task is recorded before it starts. */
  hasStopped(taskId: string): boolean {
    return !this.present().some((task) => task.taskId === taskId)
  }

  /** Compares in constant time, so that the time tells nothing of a secret's characters. */
  findBySecret(secret: string): WorkerTask | undefined {
    const digest = hash(secret)
    return this.present().find((task) => timingSafeEqual(hash(task.secret), digest))
  }

  count(side: Side): Pick<FleetSide, 'running' | 'pending'> {
    const live = this.live(side)
    const running = live.filter(({ state }) => state === 'running').length
    return { running, pending: live.length - running }
  }

  list(nowMs: number): FleetTask[] {
    this.forgetOld(nowMs)
    return this.#tasks.map(toFleetTask)
  }

  /** Tasks stay known for an hour after they stopped, as in ECS. */
  forgetOld(nowMs: number): void {
    const lately = this.#stopped()
      .filter(({ stoppedAtMs = 0 }) => nowMs - stoppedAtMs < REMEMBER_STOPPED_MS)
      .slice(-MAX_STOPPED)
    const remembered = new Set(lately)
    this.#tasks = this.#tasks.filter((task) => task.state !== 'stopped' || remembered.has(task))
  }

  #stopped(): WorkerTask[] {
    return this.#tasks.filter(({ state }) => state === 'stopped')
  }
}

function hash(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

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
