import type { Clock } from '../../ports/clock.ts'
import type { Fleet, FleetObservation, FleetSide, FleetTask, Side } from '../../ports/fleet.ts'
import { SIDES } from '../../ports/fleet.ts'
import type { Log } from '../../ports/log.ts'
import { PortUnavailable } from '../../ports/port-unavailable.ts'
import { chooseGpu } from './choose-gpu.ts'
import { chooseSurplus } from './choose-surplus.ts'
import { FleetRecord, type RecordDeps } from './fleet-record.ts'
import type { ProtectionAsk } from './parse-protection-body.ts'
import { afterDeath, type Deaths, type RestartBackoff } from './restart-backoff.ts'
import { Roster } from './roster.ts'
import type { SavedTask, Setpoints } from './saved-fleet.ts'
import { type ProtectionRefusal, setProtection } from './set-protection.ts'
import { type RunnerDeps, TaskRunner } from './task-runner.ts'
import { Waker } from './waker.ts'
import { isLive, isProtected, makeTask, toFleetTask, type WorkerTask } from './worker-task.ts'

export interface KeeperDeps extends RunnerDeps, RecordDeps {
  readonly stopSeconds: number
  readonly gpus: readonly string[]
  readonly restartBackoff: RestartBackoff
  readonly newId: () => string
  readonly clock: Clock
  readonly log: Log
  readonly onTaskStopped: (task: FleetTask) => void
}

/**
 * Keeps as many workers running as each side is asked for, by ECS's rules. Everything that changes
 * the fleet happens in one synchronous step, so no two changes ever meet half done.
 */
export class FleetKeeper implements Fleet {
  readonly roster = new Roster()
  readonly #runner: TaskRunner
  readonly #deps: KeeperDeps
  readonly #record: FleetRecord
  readonly #waker: Waker
  readonly #deaths = new Map<Side, Deaths | undefined>()
  #mode: 'recovering' | 'keeping' | 'closing' = 'recovering'
  #agentAddress = ''
  #lastGpu: string | undefined

  constructor(deps: KeeperDeps) {
    this.#deps = deps
    this.#record = new FleetRecord(deps, this.roster)
    this.#waker = new Waker(deps.clock, () => this.#bringAbout())
    this.#runner = new TaskRunner(deps, {
      exited: (task) => this.#onExited(task),
      stopped: (task) => this.#onStopped(task),
    })
  }

  /** Takes over what an earlier life may have left running, and sees it to its end. */
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
  keep(agentAddress: string): void {
    this.#agentAddress = agentAddress
    this.#mode = 'keeping'
    this.#record.save()
    this.#bringAbout()
  }

  /** Stops every task, protected or not, and starts none any more. */
  stopAll(graceSeconds: number): void {
    this.#mode = 'closing'
    this.#waker.stop()
    for (const task of this.roster.present()) {
      this.#runner.stop(task, { order: 'the service stops', graceSeconds })
    }
  }

  /** Leaves alone what cannot be ended; it stays recorded for the next life. */
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
    this.#deaths.delete(side)
    this.#commitSide('place', side, { version, desired: 0 })
  }

  /** @throws Error for a protected task: this fleet can tell, so it does not stop one */
  async stopTask(taskId: string, reason: string): Promise<void> {
    this.#refuseWhenClosed('stopTask')
    const { clock, stopSeconds } = this.#deps
    const task = this.roster.present().find((each) => each.taskId === taskId)
    if (task === undefined || !isLive(task)) return
    if (isProtected(task, clock.monotonicMs())) throw new Error(`task ${taskId} is protected`)
    this.#runner.stop(task, { order: reason, graceSeconds: stopSeconds })
    this.#waker.wake()
  }

  async findStopped(taskIds: readonly string[]): Promise<readonly string[]> {
    this.#refuseWhenClosed('findStopped')
    return taskIds.filter((taskId) => this.roster.hasStopped(taskId))
  }

  setProtection(task: WorkerTask, ask: ProtectionAsk): ProtectionRefusal | undefined {
    const { desired } = this.#record.setpoints.sides[task.side]
    const live = this.roster.live(task.side)
    const refusal = setProtection({ task, ask, live, desired }, this.#deps.clock)
    this.#waker.wake()
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
    this.#bringAbout()
  }

  #bringAbout(): void {
    if (this.#mode !== 'keeping') return
    this.#record.saveIfDue()
    for (const side of SIDES) {
      this.#stopSurplus(side)
      this.#addMissing(side)
    }
    this.#startPending()
    this.#waker.wakeAt(this.#dueTimes())
  }

  #stopSurplus(side: Side): void {
    const { desired } = this.#record.setpoints.sides[side]
    const { clock, stopSeconds } = this.#deps
    for (const task of chooseSurplus(this.roster.live(side), desired, clock.monotonicMs())) {
      this.#runner.stop(task, { order: 'scaled in', graceSeconds: stopSeconds })
    }
  }

  #addMissing(side: Side): void {
    const { version, desired } = this.#record.setpoints.sides[side]
    const { clock, newId } = this.#deps
    if (version === undefined || this.#notBefore(side) > clock.monotonicMs()) return
    for (let count = this.roster.live(side).length; count < desired; count += 1) {
      const ids = { taskId: newId(), workerId: newId(), secret: newId() }
      this.roster.add(makeTask({ ...ids, side, version, createdAtMs: clock.now() }))
    }
  }

  /** Tasks are recorded before they start: whatever runs is known to the next life. */
  #startPending(): void {
    const ready = this.roster.present().filter((task) => {
      return task.state === 'pending' && task.worker === undefined && this.#giveGpu(task)
    })
    if (ready.length === 0 || !this.#record.save()) return
    for (const task of ready) this.#runner.start(task, this.#agentAddress)
    this.#record.save()
  }

  #giveGpu(task: WorkerTask): boolean {
    const { gpus } = this.#deps
    if (gpus.length === 0 || task.gpu !== undefined) return true
    task.gpu = chooseGpu(gpus, this.roster.takenGpus(), this.#lastGpu)
    this.#lastGpu = task.gpu ?? this.#lastGpu
    return task.gpu !== undefined
  }

  #onExited(task: WorkerTask): void {
    const { clock, restartBackoff } = this.#deps
    if (task.stopOrder === undefined && this.#mode === 'keeping') {
      const life = { startedMs: task.startedMonotonicMs, nowMs: clock.monotonicMs() }
      this.#deaths.set(task.side, afterDeath(this.#deaths.get(task.side), life, restartBackoff))
    }
    this.#waker.wake()
  }

  #onStopped(task: WorkerTask): void {
    if (this.#mode === 'recovering') return
    this.#record.save()
    this.#waker.wake()
    try {
      this.#deps.onTaskStopped(toFleetTask(task))
    } catch (error) {
      this.#deps.log.error('onTaskStopped failed', { error: String(error) })
    }
  }

  #notBefore(side: Side): number {
    return this.#deaths.get(side)?.notBeforeMs ?? 0
  }

  /** The moments at which time alone changes what is to be done. */
  #dueTimes(): number[] {
    const nowMs = this.#deps.clock.monotonicMs()
    const lapses = this.roster.present().flatMap((task) => {
      return isProtected(task, nowMs) ? (task.protection?.untilMonotonicMs ?? []) : []
    })
    return [...lapses, ...SIDES.map((side) => this.#notBefore(side)), this.#record.retryAtMs ?? 0]
  }
}
