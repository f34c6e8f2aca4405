/** What can wait. The `Clock` port is one. */
export interface Sleeper {
  /** Resolves after `ms`, or at once when the signal aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}
