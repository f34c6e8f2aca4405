import { AsyncLocalStorage } from 'node:async_hooks'

/** One thread of a process: what it waits for is delayed together. */
export interface Lane {
  readonly process: Process
  readonly name: string
  frozenUntilMs: number
  /** Since when it has not turned. */
  frozenSinceMs: number
}

/** A process of the model: a worker, a scaler, or the one call of a client. */
export class Process {
  readonly name: string
  readonly main: Lane
  readonly beats: Lane
  /** By how much its wall clock is ahead. */
  skewMs = 0
  isDead = false
  /** A hash of everything that it was answered so far: with it, where it stands. */
  history = 0
  readonly #onDeath: (() => void)[] = []

  constructor(name: string) {
    this.name = name
    this.main = { process: this, name, frozenUntilMs: -Infinity, frozenSinceMs: 0 }
    this.beats = {
      process: this,
      name: `${name}~beats`,
      frozenUntilMs: -Infinity,
      frozenSinceMs: 0,
    }
  }

  onDeath(listener: () => void): void {
    this.#onDeath.push(listener)
  }

  die(): void {
    if (this.isDead) return
    this.isDead = true
    for (const listener of this.#onDeath) listener()
  }
}

const current = new AsyncLocalStorage<Lane>()

/** Runs code as this lane: whatever it awaits belongs to the lane too. */
export function runAs<T>(lane: Lane, code: () => T): T {
  return current.run(lane, code)
}

/** @throws Error outside of every process */
export function currentLane(): Lane {
  const lane = current.getStore()
  if (lane === undefined) throw new Error('this runs in no process of the model')
  return lane
}

export function currentLaneOrNone(): Lane | undefined {
  return current.getStore()
}
