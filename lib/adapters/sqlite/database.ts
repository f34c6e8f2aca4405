import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Serial } from '../../pace/serial.ts'
import type { Clock } from '../../ports/clock.ts'
import { PortUnavailable } from '../../ports/port-unavailable.ts'
import { sqliteCode } from '../../registry/system-faults.ts'

/** How long a call retries while others lock the database. */
export const BUSY_BOUND_MS = 3_000
const RETRY_MIN_MS = 5
const RETRY_MAX_MS = 30

// https://sqlite.org/rescode.html; the low byte of an extended code is its primary one.
const BUSY_CODES = new Set([5, 6]) // BUSY, LOCKED
const UNREACHABLE_CODES = new Set([8, 10, 13, 14]) // READONLY, IOERR, FULL, CANTOPEN

/** Whose call it is, for `PortUnavailable`. */
export interface Call {
  readonly port: 'table' | 'queues' | 'files'
  readonly action: string
}

export interface DatabaseTools {
  readonly clock: Clock
  /** From 0 to below 1; spreads the retries of several processes. */
  readonly random: () => number
}

/**
 * One connection to a SQLite file that several processes use. SQLite answers on this thread, so a
 * lock held elsewhere is waited for in short slices with turns of the event loop between them.
 */
export class Database {
  readonly #connection: DatabaseSync
  readonly #tools: DatabaseTools
  readonly #statements = new Map<string, StatementSync>()
  readonly #listeners = new Set<() => void>()
  #commits = 0
  /** One at a time, so that a locked database blocks this thread for one slice and not for many. */
  readonly #writes = new Serial(nextTurn)
  #closed = false

  constructor(connection: DatabaseSync, tools: DatabaseTools) {
    this.#connection = connection
    this.#tools = tools
  }

  get isClosed(): boolean {
    return this.#closed
  }

  /** Prepared once per text. */
  statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#connection.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }

  /** @throws PortUnavailable when the database stays locked or cannot be read */
  read<T>(call: Call, body: () => T): Promise<T> {
    return this.#persist(call, this.#deadline(), body)
  }

  /**
   * Runs the body in one write transaction; an exception undoes all of it. Where the database was
   * locked the body runs again, for 3 s at most; each write that waits before it may add one slice.
   * Durable once it has answered.
   *
   * @throws PortUnavailable when the database stays locked or cannot be written
   */
  write<T>(call: Call, body: () => T): Promise<T> {
    const deadlineMs = this.#deadline()
    return this.#writes.run(() => this.#persist(call, deadlineMs, () => this.#transact(body)))
  }

  /** Changes whenever anybody, in this process or another, has committed. */
  changeMark(): number {
    try {
      const row = this.statement('PRAGMA data_version').get()
      return Number(row?.['data_version']) + this.#commits
    } catch {
      // It equals no number, not even itself: the caller looks again and meets the fault there.
      return Number.NaN
    }
  }

  /** Calls `listener` after each commit of this process and on close. Returns a function that ends it. */
  onCommit(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Waits for pending writes, then closes. */
  async close(): Promise<void> {
    if (this.#closed) return
    await this.#writes.idle()
    this.#closed = true
    this.#statements.clear()
    this.#connection.close()
    this.#callListeners()
  }

  #deadline(): number {
    return this.#tools.clock.monotonicMs() + BUSY_BOUND_MS
  }

  async #persist<T>({ port, action }: Call, deadlineMs: number, attempt: () => T): Promise<T> {
    const { clock, random } = this.#tools
    let last: unknown = new Error('the database is closed')
    while (!this.#closed) {
      try {
        return attempt()
      } catch (error) {
        last = error
        if (UNREACHABLE_CODES.has(sqliteCode(error))) break
        if (!isBusy(error)) throw error
        if (clock.monotonicMs() >= deadlineMs) break
      }
      await clock.sleep(RETRY_MIN_MS + random() * (RETRY_MAX_MS - RETRY_MIN_MS))
    }
    throw new PortUnavailable(port, action, last)
  }

  #transact<T>(body: () => T): T {
    this.statement('BEGIN IMMEDIATE').run()
    let result: T
    try {
      result = body()
      this.statement('COMMIT').run()
    } catch (error) {
      if (this.#connection.isTransaction) this.statement('ROLLBACK').run()
      throw error
    }
    this.#commits += 1
    this.#callListeners()
    return result
  }

  #callListeners(): void {
    for (const listener of this.#listeners) listener()
  }
}

/** Whether SQLite gave up on a lock that another connection holds. */
export function isBusy(error: unknown): boolean {
  return BUSY_CODES.has(sqliteCode(error))
}
