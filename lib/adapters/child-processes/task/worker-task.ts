import type { FleetTask, Side } from '../../../ports/fleet.ts'
import type { WorkerProcess } from './spawn-worker.ts'
import type { ProcessIdentity } from '../../../processes/read-process.ts'

interface Protection {
  /** On the monotonic clock: protection does not end while the machine sleeps. */
  readonly untilMonotonicMs: number
  /** The same moment on the wall clock, as it stood when protection was asked for. */
  readonly untilMs: number
}

/** One worker process, from the decision to start it until nothing of it runs. */
export interface WorkerTask {
  readonly taskId: string
  readonly side: Side
  readonly version: string
  readonly workerId: string
  /** Path segment by which the agent endpoint knows the task. Never logged. */
  readonly secret: string
  readonly createdAtMs: number
  state: FleetTask['state']
  /** In use until the task has stopped. */
  gpu: string | undefined
  worker: WorkerProcess | undefined
  identity: ProcessIdentity | undefined
  startedAtMs: number | undefined
  startedMonotonicMs: number
  protection: Protection | undefined
  /** Why it was told to stop; undefined when it exited by itself. */
  stopOrder: string | undefined
  stoppedAtMs: number | undefined
  stoppedReason: string | undefined
  /** Aborts when the worker has exited. */
  readonly exited: AbortController
  /** Resolves once nothing of the task runs. */
  readonly gone: PromiseWithResolvers<void>
}

export type NewTask = Pick<
  WorkerTask,
  'taskId' | 'side' | 'version' | 'workerId' | 'secret' | 'createdAtMs'
>

export function makeTask(task: NewTask): WorkerTask {
  return {
    ...task,
    state: 'pending',
    gpu: undefined,
    worker: undefined,
    identity: undefined,
    startedAtMs: undefined,
    startedMonotonicMs: 0,
    protection: undefined,
    stopOrder: undefined,
    stoppedAtMs: undefined,
    stoppedReason: undefined,
    exited: new AbortController(),
    gone: Promise.withResolvers<void>(),
  }
}

export function isProtected({ protection }: WorkerTask, nowMonotonicMs: number): boolean {
  return protection !== undefined && protection.untilMonotonicMs > nowMonotonicMs
}

/** Whether it counts towards the desired number: it runs, or is about to. */
export function isLive({ state }: WorkerTask): boolean {
  return state === 'pending' || state === 'running'
}

export function toFleetTask(task: WorkerTask): FleetTask {
  const { taskId, side, version, state, startedAtMs, stoppedReason } = task
  return {
    taskId,
    side,
    version,
    state,
    ...(startedAtMs !== undefined && { startedAtMs }),
    ...(stoppedReason !== undefined && { stoppedReason }),
  }
}
