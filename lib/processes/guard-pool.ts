import { type Guard, startGuard } from './start-guard.ts'

/**
 * Keeps one guard started in advance, so that the start of a command does not wait for a process
 * that only watches it.
 */
export class GuardPool {
  #spare: Promise<Guard> | undefined
  readonly #groupDir: string | undefined
  #isClosed = false

  /** @param groupDir see `startGuard` */
  constructor(groupDir?: string) {
    this.#groupDir = groupDir
  }

  /** Starts the spare one, unless it stands ready. */
  prepare(): void {
    if (this.#isClosed) return
    this.#spare ??= startGuard(this.#groupDir)
    // A failed start is told to whoever takes it.
    this.#spare.catch(() => undefined)
  }

  async take(): Promise<Guard> {
    const spare = this.#spare
    this.#spare = undefined
    if (spare !== undefined) {
      const guard = await spare
      if (await isUnused(guard)) return guard
    }
    return startGuard(this.#groupDir)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const spare = await this.#spare?.catch(() => undefined)
    spare?.close()
  }
}

/** What gives out guards. */
export type Guards = Pick<GuardPool, 'prepare' | 'take' | 'close'>

/** Whether the guard is still there: one that waited for days may have been killed meanwhile. */
async function isUnused(guard: Guard): Promise<boolean> {
  const waiting = Symbol('waiting')
  return (await Promise.race([guard.ended, Promise.resolve(waiting)])) === waiting
}
