import { type Guard, startGuard } from './start-guard.ts'

/**
 * Has one guard ready in advance, so that a command does not wait for the start of its guard.
 */
export class GuardPool {
  #spare: Promise<Guard> | undefined
  readonly #start: () => Promise<Guard>
  #isClosed = false

  constructor(start: () => Promise<Guard> = startGuard) {
    this.#start = start
  }

  /** Starts the spare guard, unless there is one. */
  prepare(): void {
    if (this.#isClosed) return
    this.#spare ??= this.#start()
    // Whoever takes it gets the fault.
    this.#spare.catch(() => undefined)
  }

  async take(): Promise<Guard> {
    const spare = this.#spare
    this.#spare = undefined
    if (spare !== undefined) {
      const guard = await spare
      if (await isUnused(guard)) return guard
    }
    return this.#start()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const spare = await this.#spare?.catch(() => undefined)
    spare?.close()
  }
}

/** What gives out guards. */
export type Guards = Pick<GuardPool, 'prepare' | 'take' | 'close'>

/** Whether the guard still runs: it may have waited for days and been killed meanwhile. */
async function isUnused(guard: Guard): Promise<boolean> {
  const waiting = Symbol('waiting')
  return (await Promise.race([guard.ended, Promise.resolve(waiting)])) === waiting
}
