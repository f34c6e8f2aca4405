import type { Side } from '../../../lib/scaling/sides.ts'
import type { Fleet, FleetObservation } from '../../../lib/ports/fleet.ts'
import type { ProtectionAnswer, TaskProtection } from '../../../lib/ports/task-protection.ts'
import type { FleetState, ModelTask } from './fleet-state.ts'
import type { Gate } from './gate.ts'

/** The fleet port over tasks in memory. */
export class MemoryFleet implements Fleet {
  readonly #state: FleetState
  readonly #gate: Gate

  constructor(state: FleetState, gate: Gate) {
    this.#state = state
    this.#gate = gate
  }

  observe(): Promise<FleetObservation> {
    return this.#call('observe', 'tasks', () => this.#state.observe())
  }

  setDesired(side: Side, desired: number): Promise<void> {
    return this.#call('setDesired', side, () => this.#state.setDesired(side, desired))
  }

  place(side: Side, version: string): Promise<void> {
    return this.#call('place', side, () => this.#state.place(side, version))
  }

  stopTask(taskId: string): Promise<void> {
    return this.#call('stopTask', taskId, () => this.#state.stopTask(taskId))
  }

  findStopped(taskIds: readonly string[]): Promise<readonly string[]> {
    return this.#call('findStopped', 'tasks', () => this.#state.findStopped(taskIds))
  }

  #call<T>(action: string, target: string, effect: () => T): Promise<T> {
    return this.#gate.call({ port: 'fleet', action, target }, effect)
  }
}

/** What the agent of one task answers. */
export class MemoryProtection implements TaskProtection {
  readonly #state: FleetState
  readonly #task: ModelTask
  readonly #gate: Gate
  readonly #isRefused: () => boolean

  /** `isRefused` is asked for each answer: whether the agent refuses this time. */
  constructor(
    state: FleetState,
    task: ModelTask,
    { gate, isRefused }: { readonly gate: Gate; readonly isRefused: () => boolean },
  ) {
    this.#state = state
    this.#task = task
    this.#gate = gate
    this.#isRefused = isRefused
  }

  protect(minutes: number): Promise<ProtectionAnswer> {
    return this.#call('protect', () => this.#state.protect(this.#task, minutes))
  }

  release(): Promise<ProtectionAnswer> {
    return this.#call('release', () => this.#state.release(this.#task))
  }

  #call(action: string, effect: () => ProtectionAnswer): Promise<ProtectionAnswer> {
    const info = { port: 'protection', action, target: this.#task.taskId }
    return this.#gate.call(info, () =>
      this.#isRefused() ? { kind: 'refused', reason: 'the agent says no' } : effect(),
    )
  }
}
