import type { Fleet, FleetObservation, FleetSide, FleetTask, Side } from '../../../ports/fleet.ts'
import { PortUnavailable } from '../../../ports/port-unavailable.ts'
import { type ProtectionAsk, type ProtectionRefusal, setProtection } from '../agent/protection.ts'
import { type RunnerDeps, TaskRunner } from '../task/task-runner.ts'
import { isLive, isProtected, makeTask, toFleetTask, type WorkerTask } from '../task/worker-task.ts'
import { FleetReconciler, type ReconcilerOptions } from './fleet-reconciler.ts'
import { FleetRecord, type RecordDeps, type SavedTask, type Setpoints } from './fleet-record.ts'
import { Roster } from './roster.ts'

export interface FleetDeps extends RunnerDeps, RecordDeps, ReconcilerOptions {
  readonly onTaskStopped: (task: FleetTask) => void
}

/**
 * The fleet of worker processes. Everything that changes it happens in one synchronous step, so no
 * two changes ever meet half done.
 */
export class ProcessFleet implements Fleet {
  readonly roster = new Roster()
  readonly #deps: FleetDeps
  readonly #record: FleetRecord
  readonly #runner: TaskRunner
  readonly #reconciler: FleetReconciler
  #mode: 'recovering' | 'open' | 'closing' = 'recovering'

  constructor(deps: FleetDeps) {
    this.#deps = deps
    this.#record = new FleetRecord(deps, this.roster)
    this.#runner = new TaskRunner(deps, {
      exited: (task) => this.#onExited(task),
      stopped: (task) => this.#onStopped(task),
    })
    const { roster } = this
    const parts = { roster, record: this.#record, runner: this.#runner }
    this.#reconciler = new FleetReconciler(deps, parts)
  }

  /** Takes over tasks that an earlier life may have left running, and follows them to their end. */
  adopt(saved: readonly SavedTask[], graceMs: number): void {
    const { newId } = this.#deps
    for (const { process, gpu, startedAtMs, ...known } of saved) {
      const task = makeTask({ ...known, workerId: newId(), secret: newId() })
      Object.assign(task, { identity: process, gpu, startedAtMs })
      this.roster.add(task)
      this.#runner.adopt(task, graceMs)
    }
  }

  /** From now on the fleet is brought to what it is asked for. */
  open(agentAddress: string): void {
    this.#mode = 'open'
    this.#record.save()
    this.#reconciler.start(agentAddress)
  }

  /** Stops every task, protected or not, and starts no more. */
  stopAll(graceSeconds: number): void {
    this.#mode = 'closing'
    this.#reconciler.stop()
    for (const task of this.roster.present()) {
      this.#runner.stop(task, { order: 'the service stops', graceSeconds })
    }
  }

  /** Gives up on tasks that cannot be ended; they stay recorded for the next life. */
  giveUp(): void {
    this.#runner.giveUp()
  }

  deploy(version: string): void {
    this.#commit('deploy', { ...this.#record.setpoints, latestVersion: version })
  }

  async observe(): Promise<FleetObservation> {
    this.#refuseWhenClosed('observe')
    const { latestVersion } = this.#record.setpoints
    if (latestVersion === undefined) throw new Error('no worker version was deployed yet')
    const tasks = this.roster.list(this.#deps.clock.now())
    return { sides: { a: this.#describe('a'), b: this.#describe('b') }, tasks, latestVersion }
  }

  async setDesired(side: Side, desired: number): Promise<void> {
    if (!Number.isSafeInteger(desired) || desired < 0) {
      throw new RangeError(`the desired number of workers must be 0 or more, got ${desired}`)
    }
    const { version } = this.#record.setpoints.sides[side]
    if (desired > 0 && version === undefined) {
      throw new Error(`side ${side} has no worker version yet: place one first`)
    }
    this.#commitSide('setDesired', side, { version, desired })
  }

  async place(side: Side, version: string): Promise<void> {
    const { desired } = this.#record.setpoints.sides[side]
    const present = this.roster.present(side).length
    if (desired > 0 || present > 0) {
      const state = `desired ${desired}, ${present} tasks`
      throw new Error(`side ${side} is not empty (${state}), so it cannot take version ${version}`)
    }
    this.#reconciler.forgetDeaths(side)
    this.#commitSide('place', side, { version, desired: 0 })
  }

  /** @throws Error for a protected task */
  async stopTask(taskId: string, reason: string): Promise<void> {
    this.#refuseWhenClosed('stopTask')
    const { clock, stopSeconds } = this.#deps
    const task = this.roster.present().find((each) => each.taskId === taskId)
    if (task === undefined || !isLive(task)) return
    if (isProtected(task, clock.monotonicMs())) throw new Error(`task ${taskId} is protected`)
    this.#runner.stop(task, { order: reason, graceSeconds: stopSeconds })
    this.#reconciler.wake()
  }

  async findStopped(taskIds: readonly string[]): Promise<readonly string[]> {
    this.#refuseWhenClosed('findStopped')
    return taskIds.filter((taskId) => this.roster.hasStopped(taskId))
  }

  setProtection(task: WorkerTask, ask: ProtectionAsk): ProtectionRefusal | undefined {
    const { desired } = this.#record.setpoints.sides[task.side]
    const live = this.roster.live(task.side)
    const refusal = setProtection({ task, ask, live, desired }, this.#deps.clock)
    this.#reconciler.wake()
    return refusal
  }

  #describe(side: Side): FleetSide {
    const { version, desired } = this.#record.setpoints.sides[side]
    return { ...(version !== undefined && { version }), desired, ...this.roster.count(side) }
  }

  #refuseWhenClosed(action: string): void {
    if (this.#mode !== 'closing') return
    throw new PortUnavailable('fleet', action, new Error('the supervisor is stopping'))
  }

  #commitSide(action: string, side: Side, next: Setpoints['sides'][Side]): void {
    const sides = { ...this.#record.setpoints.sides, [side]: next }
    this.#commit(action, { ...this.#record.setpoints, sides })
  }

  #commit(action: string, setpoints: Setpoints): void {
    this.#refuseWhenClosed(action)
    try {
      this.#record.change(setpoints)
    } catch (error) {
      throw new PortUnavailable('fleet', action, error)
    }
    this.#reconciler.reconcile()
    this.#reconciler.wake() // other moments are due now
  }

  #onExited(task: WorkerTask): void {
    if (task.stopOrder === undefined && this.#mode === 'open') this.#reconciler.noteDeath(task)
    this.#reconciler.wake()
  }

  #onStopped(task: WorkerTask): void {
    if (this.#mode === 'recovering') return
    this.#record.save()
    this.#reconciler.wake()
    try {
      this.#deps.onTaskStopped(toFleetTask(task))
    } catch (error) {
      this.#deps.log.error('onTaskStopped failed', { error: String(error) })
    }
  }
}
