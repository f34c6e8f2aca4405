import { scalerKey } from '../job/keys.ts'
import { EMPTY_MEMORY, type ScalerMemory } from '../scaling/memory.ts'
import type { LastDecision } from '../scaling/decision.ts'
import type { JsonObject } from '../ports/json.ts'
import type { PutRow, Table } from '../ports/table.ts'
import type { ReaperMemory } from './reaper/reaper-steps.ts'

/** How long a look may hold the lock; taken anew by each look. */
export const LOCK_MS = 18_000

/**
 * The right to act. The row's revision is the fence: taking the lock over changes it, so every later
 * write of the previous holder is refused, whatever the two clocks say. `untilMs` only says how long
 * others wait before they take it over.
 */
interface Lock {
  readonly owner: string
  /** Counts up with every lock taken. */
  readonly number: number
  readonly untilMs: number
}

/** Counts up where the stored form changes; a memory of another form is not read. */
const FORMAT = 1

/** The scaler's memory, its lock and the reaper's memory: one row, so that one write changes all. */
export interface ScalerState {
  readonly format: typeof FORMAT
  readonly lock?: Lock
  readonly lockNumber: number
  readonly savedAtMs: number
  readonly scaling: ScalerMemory
  readonly reaper: ReaperMemory
  readonly last?: LastDecision
}

export interface StoredState {
  readonly state: ScalerState
  /** Absent before the first look. */
  readonly rev?: number
}

const EMPTY_STATE: ScalerState = {
  format: FORMAT,
  lockNumber: 0,
  savedAtMs: 0,
  scaling: EMPTY_MEMORY,
  reaper: {},
}

/** A memory of another version begins anew, which proves no silence; its lock still counts. */
export async function readState(table: Table): Promise<StoredState> {
  const row = await table.get(scalerKey('memory'))
  if (row === undefined) return { state: EMPTY_STATE }
  const { rev } = row
  const state = row.data as unknown as ScalerState
  if (state.format === FORMAT) return { state, rev }
  const { lock, lockNumber = 0 } = state as Partial<ScalerState>
  return { state: { ...EMPTY_STATE, lockNumber, ...(lock && { lock }) }, rev }
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
