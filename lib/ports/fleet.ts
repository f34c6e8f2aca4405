/**
 * The fleet: two ECS services, or two groups of child processes, called sides `a` and `b`, so that
 * a new worker version starts on the empty side while the other drains.
 *
 * Promises, the same over ECS and the supervisor:
 * - Lowering `desired` stops only tasks whose protection is off or lapsed, with SIGTERM, the stop
 *   time, then SIGKILL; protected ones stay until they are released.
 * - A task that exits is replaced while `desired` asks for it, with a back-off.
 * - `observe` throws `PortUnavailable` when it cannot see; it never answers "no tasks" instead.
 */
import { type Side, SIDES } from '../scaling/sides.ts'

export { type Side, SIDES }

export interface FleetTask {
  /** Task ARN, or the supervisor's id. */
  readonly taskId: string
  readonly side: Side
  readonly version: string
  readonly state: 'pending' | 'running' | 'stopping' | 'stopped'
  /** Milliseconds since 1970. */
  readonly startedAtMs?: number
  readonly stoppedReason?: string
}

export interface FleetSide {
  /** The worker version that new tasks of this side get; absent before the first `place`. */
  readonly version?: string
  readonly desired: number
  readonly running: number
  readonly pending: number
}

export interface FleetObservation {
  readonly sides: Readonly<Record<Side, FleetSide>>
  /** Tasks that run, start or stop, and those that stopped within the last hour. */
  readonly tasks: readonly FleetTask[]
  /** The version that was deployed last. */
  readonly latestVersion: string
}

export interface Fleet {
  observe(): Promise<FleetObservation>
  setDesired(side: Side, desired: number): Promise<void>
  /** Makes an empty side (desired 0, no tasks) start its next tasks in `version`. */
  place(side: Side, version: string): Promise<void>
  /**
   * Stops one task, as scale-in would: SIGTERM, the stop time, SIGKILL. `desired` stays, so another
   * takes its place. A task that has stopped, or that nobody knows, is left alone.
   *
   * It is for tasks that do nothing any more: ECS lets it stop a protected task too, so whoever
   * calls it has made sure that nothing is lost.
   *
   * @param reason at most 255 characters; shown as the task's `stoppedReason`
   */
  stopTask(taskId: string, reason: string): Promise<void>
  /** Which of these tasks have certainly stopped; a task nobody knows counts as stopped. */
  findStopped(taskIds: readonly string[]): Promise<readonly string[]>
}
