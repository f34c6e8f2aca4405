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
}
