const IDLE_MS = 60_000
const BACKLOG_MS = 1_000

/** At most this many rows a time, so that no write waits long for old rows to go. */
export const PURGE_ROWS = 200

/**
 * Says when old rows are to be deleted beside a write: once a minute, or each second while there is
 * a backlog.
 */
export class PurgeTimer {
  #nextAtMs = 0

  run(nowMs: number, deleteSome: () => number): void {
    if (nowMs < this.#nextAtMs && nowMs + IDLE_MS >= this.#nextAtMs) return
    const deleted = deleteSome()
    this.#nextAtMs = nowMs + (deleted >= PURGE_ROWS ? BACKLOG_MS : IDLE_MS)
  }
}
