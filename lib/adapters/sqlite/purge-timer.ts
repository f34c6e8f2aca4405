const IDLE_MS = 60_000
const BACKLOG_MS = 1_000

/** Rows deleted at a time, at most: no write waits long for it. */
export const PURGE_ROWS = 200

/**
 * Says when old rows are to be deleted beside a write: once a minute, or each second while there is
 * a backlog.
 */
export class PurgeTimer {
  #nextAtMs = 0

  run(nowMs: number, deleteOld: () => number): void {
    if (nowMs < this.#nextAtMs && nowMs + IDLE_MS >= this.#nextAtMs) return
    const deleted = deleteOld()
    this.#nextAtMs = nowMs + (deleted >= PURGE_ROWS ? BACKLOG_MS : IDLE_MS)
  }
}
