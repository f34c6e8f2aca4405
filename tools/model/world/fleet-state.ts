import type { FleetObservation, FleetTask } from '../../../lib/ports/fleet.ts'
import { type Side, SIDES } from '../../../lib/scaling/sides.ts'
import type { ProtectionAnswer } from '../../../lib/ports/task-protection.ts'
import { Process } from './process.ts'
import { START_MS, type VirtualTime } from './virtual-time.ts'

export interface ModelTask {
  readonly taskId: string
  readonly side: Side
  readonly version: string
  readonly process: Process
  readonly stop: AbortController
  state: FleetTask['state']
  protectedUntilMs: number
}

/** Who stops a task: the fleet, the scaler, or the machine's owner (Spot, an operator). */
export type StopCause = 'scale-in' | 'order' | 'owner'

interface FleetOptions {
  readonly time: VirtualTime
  readonly version: string
  /** Lets the worker of a task begin. */
  readonly startWorker: (task: ModelTask) => void
  /** Told before the fleet stops a task of its own accord, or by order. */
  readonly onDesired: (change: { side: Side; from: number; to: number }) => void
  readonly onStop: (task: ModelTask, why: StopCause) => void
}

const START_TASK_MS = 2000
/** After SIGTERM, until SIGKILL. */
const STOP_MS = 120_000

/** A fleet in memory. Of the unprotected tasks it stops the oldest first. */
export class FleetState {
  readonly #options: FleetOptions
  readonly #lane = new Process('fleet').main
  readonly tasks: ModelTask[] = []
  latestVersion: string
  readonly sides: Record<Side, { version?: string; desired: number }>

  constructor(options: FleetOptions) {
    this.#options = options
    this.latestVersion = options.version
    this.sides = { a: { desired: 0 }, b: { desired: 0 } }
  }

  /** As after a deploy: `count` tasks run from the first moment on. */
  begin(count: number): void {
    this.sides.a = { version: this.latestVersion, desired: count }
    for (let at = 0; at < count; at += 1) this.#run(this.#create('a', this.latestVersion))
  }

  observe(): FleetObservation {
    const count = (side: Side, state: FleetTask['state']): number =>
      this.tasks.filter((task) => task.side === side && task.state === state).length
    const sideOf = (side: Side) => {
      const { version, desired } = this.sides[side]
      const counts = { desired, running: count(side, 'running'), pending: count(side, 'pending') }
      return { ...(version !== undefined && { version }), ...counts }
    }
    const tasks = this.tasks.map(({ taskId, side, version, state }) => ({
      taskId,
      side,
      version,
      state,
    }))
    return { sides: { a: sideOf('a'), b: sideOf('b') }, tasks, latestVersion: this.latestVersion }
  }

  setDesired(side: Side, desired: number): void {
    this.#options.onDesired({ side, from: this.sides[side].desired, to: desired })
    this.sides[side].desired = desired
    this.#settle()
  }

  place(side: Side, version: string): void {
    const isEmpty = this.sides[side].desired === 0 && this.#listed(side).length === 0
    if (!isEmpty) throw new Error(`side ${side} is not empty`)
    this.sides[side].version = version
  }

  stopTask(taskId: string, why: StopCause = 'order'): void {
    const task = this.tasks.find((each) => each.taskId === taskId)
    if (task === undefined || task.state === 'stopped' || task.state === 'stopping') return
    this.#stop(task, why)
    this.#settle()
  }

  findStopped(taskIds: readonly string[]): readonly string[] {
    const standing = this.tasks.filter(({ state }) => state !== 'stopped')
    return taskIds.filter((id) => !standing.some(({ taskId }) => taskId === id))
  }

  /** ECS refuses protection beyond the desired count (`DEPLOYMENT_BLOCKED`). */
  protect(task: ModelTask, minutes: number): ProtectionAnswer {
    const nowMs = this.#options.time.nowMs
    const isHeld = (each: ModelTask): boolean => each.protectedUntilMs > nowMs
    const held = this.#listed(task.side).filter((each) => each !== task && isHeld(each)).length
    const isBlocked = !isHeld(task) && held >= this.sides[task.side].desired
    if (task.state !== 'running' || isBlocked) {
      return { kind: 'refused', reason: isBlocked ? 'DEPLOYMENT_BLOCKED' : 'TASK_NOT_VALID' }
    }
    task.protectedUntilMs = nowMs + minutes * 60_000
    return { kind: 'granted', untilMs: START_MS + task.protectedUntilMs }
  }

  release(task: ModelTask): ProtectionAnswer {
    task.protectedUntilMs = -Infinity
    this.#settle()
    return { kind: 'released' }
  }

  isProtected(task: ModelTask): boolean {
    return task.protectedUntilMs > this.#options.time.nowMs && !task.process.isDead
  }

  /** The worker's process is gone, however it went. */
  noteExit(task: ModelTask): void {
    task.state = 'stopped'
    this.#settle()
  }

  #listed(side: Side): ModelTask[] {
    return this.tasks.filter(
      (task) => task.side === side && (task.state === 'running' || task.state === 'pending'),
    )
  }

  /** Brings what runs in line with what is desired. */
  #settle(): void {
    for (const side of SIDES) {
      const { desired, version = this.latestVersion } = this.sides[side]
      const listed = this.#listed(side)
      for (let missing = desired - listed.length; missing > 0; missing -= 1) {
        const task = this.#create(side, version)
        this.#options.time.after(this.#lane, START_TASK_MS, () => this.#run(task))
      }
      const surplus = Math.max(listed.length - desired, 0)
      const free = listed.filter((task) => !this.isProtected(task))
      for (const task of free.slice(0, surplus)) this.#stop(task, 'scale-in')
    }
  }

  #create(side: Side, version: string): ModelTask {
    const name = `w${this.tasks.length + 1}`
    const task: ModelTask = {
      taskId: `task-${name}`,
      side,
      version,
      process: new Process(name),
      stop: new AbortController(),
      state: 'pending',
      protectedUntilMs: -Infinity,
    }
    this.tasks.push(task)
    return task
  }

  #run(task: ModelTask): void {
    if (task.state !== 'pending') return
    task.state = 'running'
    task.process.onDeath(() => this.noteExit(task))
    this.#options.startWorker(task)
  }

  #stop(task: ModelTask, why: StopCause): void {
    const { time, onStop } = this.#options
    onStop(task, why)
    const isRunning = task.state === 'running'
    task.state = isRunning ? 'stopping' : 'stopped'
    if (!isRunning) return
    time.deliver(task.process.main, () => task.stop.abort())
    time.after(this.#lane, STOP_MS, () => task.process.die())
  }
}
