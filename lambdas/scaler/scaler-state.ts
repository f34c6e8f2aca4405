import { scalerKey } from '../../lib/core/keys.ts'
import { EMPTY_MEMORY, type ScalerMemory } from '../../lib/core/scaling/memory.ts'
import type { DecisionInputs } from '../../lib/core/scaling/decision.ts'
import type { JsonObject } from '../../lib/ports/json.ts'
import type { PutRow, Table } from '../../lib/ports/table.ts'
import { EMPTY_SWEEP_MEMORY, type SweepMemory } from './sweep/sweep-memory.ts'

/** How long a look may hold the lock; taken anew by each look. */
export const LOCK_MS = 18_000

/**
 * The right to act. What fences is the row's revision: who took the lock over changed it, and every
 * later write of the one before is refused, whatever the two clocks say. `untilMs` only tells how
 * long to leave somebody else in peace.
 */
interface Lock {
  readonly owner: string
  /** Counts up with every lock taken. */
  readonly number: number
  readonly untilMs: number
}

/** The scaler's memory, its lock and the sweep's memory: one row, so that one write changes all. */
export interface ScalerState {
  readonly lock?: Lock
  readonly lockNumber: number
  readonly savedAtMs: number
  readonly scaling: ScalerMemory
  readonly sweep: SweepMemory
  /** The last recorded decision, and how often saved looks have come to it since. */
  readonly last?: {
    readonly signature: string
    readonly count: number
    readonly lastSeenAtMs: number
    /** Of the look at `lastSeenAtMs`; the record has those of the look that made the news. */
    readonly inputs?: DecisionInputs
  }
}

export interface StoredState {
  readonly state: ScalerState
  /** Absent before the first look. */
  readonly rev?: number
}

export async function readState(table: Table): Promise<StoredState> {
  const row = await table.get(scalerKey('memory'))
  if (row !== undefined) return { state: row.data as unknown as ScalerState, rev: row.rev }
  return {
    state: { lockNumber: 0, savedAtMs: 0, scaling: EMPTY_MEMORY, sweep: EMPTY_SWEEP_MEMORY },
  }
}

export function putState(state: ScalerState, rev: number | undefined): PutRow {
  return {
    kind: 'put',
    key: scalerKey('memory'),
    data: state as unknown as JsonObject,
    expect: rev === undefined ? 'absent' : { rev },
  }
}

/** A lock that ends further ahead than a lock can last comes from a clock that went back. */
export function isLocked({ lock }: ScalerState, nowMs: number): boolean {
  return lock !== undefined && lock.untilMs > nowMs && lock.untilMs <= nowMs + LOCK_MS
}
