import type { Clock } from '../../../ports/clock.ts'
import { type Side, SIDES } from '../../../ports/fleet.ts'
import { WakeableTimer } from '../../../pace/wakeable-timer.ts'
import { chooseGpu } from '../gpus.ts'
import type { TaskRunner } from '../task/task-runner.ts'
import { isProtected, makeTask, type WorkerTask } from '../task/worker-task.ts'
import { chooseSurplus, type Roster } from './roster.ts'
import type { FleetRecord } from './fleet-record.ts'
import { afterDeath, type Deaths, type RestartBackoff } from './restart-backoff.ts'

export interface ReconcilerOptions {
  readonly stopSeconds: number
  readonly gpus: readonly string[]
  readonly restartBackoff: RestartBackoff
  readonly newId: () => string
  readonly clock: Clock
}

export interface ReconciledParts {
  readonly roster: Roster
  readonly record: FleetRecord
  readonly runner: TaskRunner
}

/**
 * Brings each side of the fleet to the number of workers that it is asked for, by ECS's rules: at
 * once when asked, when something happened, and when a moment has come.
 */
export class FleetReconciler {
  readonly #options: ReconcilerOptions
  readonly #roster: Roster
  readonly #record: FleetRecord
  readonly #runner: TaskRunner
  readonly #timer: WakeableTimer
  readonly #stopped = new AbortController()
  readonly #deaths = new Map<Side, Deaths | undefined>()
  /** Where workers find the agent endpoint; known once the fleet may start some. */
  #agentAddress: string | undefined
  #lastGpu: string | undefined

  constructor(options: ReconcilerOptions, { roster, record, runner }: ReconciledParts) {
    this.#options = options
    this.#roster = roster
    this.#record = record
    this.#runner = runner
    this.#timer = new WakeableTimer(options.clock)
  }

  start(agentAddress: string): void {
    this.#agentAddress = agentAddress
    void this.#run(this.#stopped.signal)
  }

  /** Changes nothing of the fleet any more. */
  stop(): void {
    this.#stopped.abort()
  }

  /** Something happened: reconciles soon, once for many events of one moment. */
  wake(): void {
    this.#timer.wake()
  }

  /** Reconciles at once. Without effect before the start and after the stop. */
  reconcile(): void {
    if (this.#agentAddress === undefined || this.#stopped.signal.aborted) return
    this.#record.saveIfDue()
    for (const side of SIDES) {
      this.#stopSurplus(side)
      this.#addMissing(side)
    }
    this.#startPending(this.#agentAddress)
  }

  /** A worker exited without having been told to: the next ones of its side may have to wait. */
  noteDeath(task: WorkerTask): void {
    const { clock, restartBackoff } = this.#options
    const life = { startedMs: task.startedMonotonicMs, nowMs: clock.monotonicMs() }
    this.#deaths.set(task.side, afterDeath(this.#deaths.get(task.side), life, restartBackoff))
  }

  /** A new version of the worker may run where the one before did not. */
  forgetDeaths(side: Side): void {
    this.#deaths.delete(side)
  }

  async #run(stopped: AbortSignal): Promise<void> {
    while (!stopped.aborted) {
      this.reconcile()
      await this.#timer.wait(this.#untilDueMs(), stopped)
    }
  }

  #stopSurplus(side: Side): void {
    const { desired } = this.#record.setpoints.sides[side]
    const { clock, stopSeconds } = this.#options
    for (const task of chooseSurplus(this.#roster.live(side), desired, clock.monotonicMs())) {
      this.#runner.stop(task, { order: 'scaled in', graceSeconds: stopSeconds })
    }
  }

  #addMissing(side: Side): void {
    const { version, desired } = this.#record.setpoints.sides[side]
    const { clock, newId } = this.#options
    if (version === undefined || this.#notBefore(side) > clock.monotonicMs()) return
    for (let count = this.#roster.live(side).length; count < desired; count += 1) {
      const ids = { taskId: newId(), workerId: newId(), secret: newId() }
      this.#roster.add(makeTask({ ...ids, side, version, createdAtMs: clock.now() }))
    }
  }

  /** Tasks are recorded before they start: whatever runs is known to the next life. */
  #startPending(agentAddress: string): void {
    const ready = this.#roster.present().filter((task) => {
      return task.state === 'pending' && task.worker === undefined && this.#giveGpu(task)
    })
    if (ready.length === 0 || !this.#record.save()) return
    for (const task of ready) this.#runner.start(task, agentAddress)
    this.#record.save()
  }

  #giveGpu(task: WorkerTask): boolean {
    const { gpus } = this.#options
    if (gpus.length === 0 || task.gpu !== undefined) return true
    task.gpu = chooseGpu(gpus, this.#roster.takenGpus(), this.#lastGpu)
    this.#lastGpu = task.gpu ?? this.#lastGpu
    return task.gpu !== undefined
  }

  #notBefore(side: Side): number {
    return this.#deaths.get(side)?.notBeforeMs ?? 0
  }

  /** Until time alone changes what is to be done. */
  #untilDueMs(): number {
    const nowMs = this.#options.clock.monotonicMs()
    const lapses = this.#roster.present().flatMap((task) => {
      return isProtected(task, nowMs) ? (task.protection?.untilMonotonicMs ?? []) : []
    })
    const retries = [...SIDES.map((side) => this.#notBefore(side)), this.#record.retryAtMs ?? 0]
    const toCome = [...lapses, ...retries].filter((atMs) => atMs > nowMs)
    return Math.ceil(Math.min(...toCome) - nowMs)
  }
}
