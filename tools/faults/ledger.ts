import { appendFileSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { LedgerEvent } from './ledger-event.ts'

/** Append-only memory of a campaign, outside of the service: on disk before it counts. */
export class Ledger {
  readonly #events: LedgerEvent[] = []
  readonly #path: string | undefined

  /** @param path a file to append JSON lines to; absent: in memory only */
  constructor(path?: string) {
    this.#path = path
    if (path !== undefined) mkdirSync(dirname(path), { recursive: true })
  }

  record(event: LedgerEvent): void {
    if (this.#path !== undefined) appendFileSync(this.#path, `${JSON.stringify(event)}\n`)
    this.#events.push(event)
  }

  get events(): readonly LedgerEvent[] {
    return this.#events
  }
}
