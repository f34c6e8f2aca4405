import {
  type Fleet,
  type FleetObservation,
  type FleetTask,
  type Side,
  SIDES,
} from '../../lib/ports/fleet.ts'
import { PortUnavailable } from '../../lib/ports/port-unavailable.ts'

type Action = 'observe' | 'setDesired' | 'place' | 'stopTask' | 'findStopped'

/** A fleet in memory: tasks appear and stop when the test says so, never by themselves. */
export class FakeFleet implements Fleet {
  latestVersion = 'v1'
  /** Calls that must fail from now on. */
  readonly broken = new Set<Action>()
  /** What was asked of it, in order. */
  readonly calls: string[] = []
  readonly #sides: Record<Side, { version?: string; desired: number }> = {
    a: { desired: 0 },
    b: { desired: 0 },
  }
  readonly #tasks = new Map<string, FleetTask>()

  async observe(): Promise<FleetObservation> {
    this.#check('observe')
    const tasks = [...this.#tasks.values()]
    const count = (side: Side, state: FleetTask['state']) =>
      tasks.filter((task) => task.side === side && task.state === state).length
    const sideOf = (side: Side) => ({
      ...this.#sides[side],
      running: count(side, 'running'),
      pending: count(side, 'pending'),
    })
    return { sides: { a: sideOf('a'), b: sideOf('b') }, tasks, latestVersion: this.latestVersion }
  }

  async setDesired(side: Side, desired: number): Promise<void> {
    this.#check('setDesired')
    this.calls.push(`setDesired ${side} ${desired}`)
    this.#sides[side].desired = desired
  }

  async place(side: Side, version: string): Promise<void> {
    this.#check('place')
    const isEmpty = this.#sides[side].desired === 0 && !this.tasksOf(side).length
    if (!isEmpty) throw new Error(`side ${side} is not empty`)
    this.calls.push(`place ${side} ${version}`)
    this.#sides[side].version = version
  }

  /** The task is told; it goes when the test lets it. */
  async stopTask(taskId: string, reason: string): Promise<void> {
    this.#check('stopTask')
    this.calls.push(`stopTask ${taskId}`)
    const task = this.#tasks.get(taskId)
    if (task === undefined || task.state === 'stopped') return
    this.#tasks.set(taskId, { ...task, state: 'stopping', stoppedReason: reason })
  }

  async findStopped(taskIds: readonly string[]): Promise<readonly string[]> {
    this.#check('findStopped')
    return taskIds.filter((id) => (this.#tasks.get(id)?.state ?? 'stopped') === 'stopped')
  }

  desired(side: Side): number {
    return this.#sides[side].desired
  }

  version(side: Side): string | undefined {
    return this.#sides[side].version
  }

  get total(): number {
    return SIDES.reduce((sum, side) => sum + this.#sides[side].desired, 0)
  }

  tasksOf(side: Side): FleetTask[] {
    return [...this.#tasks.values()].filter(
      (task) => task.side === side && task.state !== 'stopped',
    )
  }

  startTask(taskId: string, side: Side = 'a', state: FleetTask['state'] = 'running'): void {
    const version = this.#sides[side].version ?? this.latestVersion
    this.#tasks.set(taskId, { taskId, side, version, state })
  }

  endTask(taskId: string): void {
    const task = this.#tasks.get(taskId)
    if (task !== undefined) this.#tasks.set(taskId, { ...task, state: 'stopped' })
  }

  /** A fleet that has forgotten the task altogether. */
  forgetTask(taskId: string): void {
    this.#tasks.delete(taskId)
  }

  #check(action: Action): void {
    if (this.broken.has(action)) throw new PortUnavailable('fleet', action, new Error('broken'))
  }
}
