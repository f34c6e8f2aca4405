import { whyUnusable } from '../registry/system-faults.ts'

/**
 * A store, queue or fleet could not be reached, or did not answer in time. Whether the call took
 * effect is unknown. Never to be read as "empty", "absent" or "zero".
 */
export class PortUnavailable extends Error {
  override readonly name = 'PortUnavailable'
  readonly port: string
  readonly action: string

  constructor(port: string, action: string, cause: unknown) {
    super(`${port} did not answer to ${action}`, { cause })
    this.port = port
    this.action = action
  }

  /** For a caller: which part is away and, where the fault below names it, why. */
  describe(): string {
    const why = whyUnusable(this.cause)
    return why === undefined
      ? `the ${this.port} did not answer in time`
      : `the ${this.port} cannot be used: ${why}`
  }
}
