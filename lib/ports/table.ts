/**
 * The table: jobs, workers and the scaler's memory. It holds the truth; every change of state is one
 * conditional write.
 *
 * Promises, the same over DynamoDB and SQLite:
 * - `get`, `getMany` and `list` are strongly consistent; `queryIndex` may lag and only nominates.
 * - A write is all or nothing over its rows (at most 100), and durable once it has answered `ok`.
 * - Each write carries a fresh token. A write that is refused reads what stands: its own token means
 *   that an earlier try of the same write had succeeded, and the answer is `ok`.
 * - A store that cannot be reached in time throws `PortUnavailable`; it never answers "absent".
 */
import type { IndexEntry, IndexName, RowKey } from '../job/keys.ts'
import type { JsonObject } from './json.ts'

export interface Row {
  readonly key: RowKey
  /** Counts up with every write of the row. */
  readonly rev: number
  readonly data: JsonObject
}

/** What must stand in the row for the write to happen. */
export type Expectation = 'absent' | 'any' | { readonly rev: number }

export interface PutRow {
  readonly kind: 'put'
  readonly key: RowKey
  readonly data: JsonObject
  readonly expect: Expectation
  readonly indexes?: readonly IndexEntry[]
  /** Milliseconds since 1970 after which the row may vanish (time to live; may be late by days). */
  readonly expiresAtMs?: number
}

export interface DeleteRow {
  readonly kind: 'delete'
  readonly key: RowKey
  readonly expect: Expectation
}

export type Write = PutRow | DeleteRow

/** `refused`: at least one expectation did not hold and nothing was written. */
export type WriteOutcome =
  | { readonly ok: true; readonly revs: readonly number[] }
  | { readonly ok: false; readonly refused: readonly RowKey[] }

export interface Page {
  /** At most this many (1–1,000). */
  readonly limit: number
  readonly newestFirst?: boolean
  /** Where the last page ended (`next` of it). */
  readonly after?: string
}

export interface IndexQuery extends Page {
  readonly index: IndexName
  readonly hash: string
  /** Only ranges up to and including this one. */
  readonly upTo?: string
}

export interface IndexHit {
  readonly key: RowKey
  readonly range: string
}

export interface Table {
  get(key: RowKey): Promise<Row | undefined>
  /** Rows that exist, in the order of the keys asked for (at most 100). */
  getMany(keys: readonly RowKey[]): Promise<Row[]>
  /** All rows of one `pk`, in the order of `sk` (as text). */
  list(pk: string, page: Page): Promise<{ rows: Row[]; next?: string }>
  queryIndex(query: IndexQuery): Promise<{ hits: IndexHit[]; next?: string }>
  write(writes: readonly Write[]): Promise<WriteOutcome>
  close(): Promise<void>
}
