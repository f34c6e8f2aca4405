import { scalerKey } from '../job/keys.ts'
import { EMPTY_MEMORY, type ScalerMemory } from '../scaling/memory.ts'
import type { LastDecision } from '../scaling/decision.ts'
import { toRowData } from '../job/store/row-data.ts'
import {
  type AnyCheck,
  type Fields,
  isCount,
  isFields,
  isNumber,
  isObjectOf,
  isOptional,
  isText,
} from '../parsing/checks.ts'
import { type Checks, fits, isUnknownRow, readFormat } from '../parsing/stored-row.ts'
import { upcastLast } from '../scaling/store/decision-history.ts'
import type { PutRow, Table } from '../ports/table.ts'
import type { ReaperMemory } from './reaper/reap.ts'

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

/** The scaler's memory, its lock and the reaper's memory: one row, so that one write changes all. */
export interface ScalerState {
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
  /** Why the row could not be read, where memory begins anew for that. */
  readonly unread?: string
}

const EMPTY_STATE: ScalerState = {
  lockNumber: 0,
  savedAtMs: 0,
  scaling: EMPTY_MEMORY,
  reaper: {},
}

const WHAT = "the scaler's row"
/** Of the rows that are written here; see lib/parsing/stored-row.ts. */
const FORMAT = 1

const isLock = isObjectOf<Lock>({ owner: isText, number: isCount, untilMs: isNumber })

const CHECKS: Checks<ScalerState> & Readonly<Record<string, AnyCheck>> = {
  lockNumber: isCount,
  savedAtMs: isNumber,
  scaling: isObjectOf({ runSeconds: isFields, beats: isFields }),
  reaper: isFields,
  lock: isOptional(isLock),
}

/**
 * The scaler's row. One that cannot be read must stop neither looks nor the reaper: it is no more
 * than memory, and a scaler without memory waits before it lowers or gives up anything. Its lock
 * still counts.
 */
export async function readState(table: Table): Promise<StoredState> {
  const row = await table.get(scalerKey('memory'))
  if (row === undefined) return { state: EMPTY_STATE }
  const { data, rev } = row
  try {
    return { state: parseState(data), rev }
  } catch (error) {
    if (!isUnknownRow(error)) throw error
    const { lock, lockNumber } = data
    return {
      state: {
        ...EMPTY_STATE,
        ...(isLock(lock) && { lock }),
        ...(isCount(lockNumber) && { lockNumber }),
      },
      rev,
      unread: error.message,
    }
  }
}

/** @throws ServiceError `unknown-row` */
function parseState(data: Fields): ScalerState {
  const isOld = readFormat(WHAT, data, FORMAT) === 0
  // Format 0 keeps the reaper's memory as `sweep`, in another form: it begins anew, which proves no silence.
  const { format: _format, sweep: _sweep, last: stored, ...fields } = data
  const last = upcastLast(stored)
  const state: Fields = {
    ...EMPTY_STATE,
    ...fields,
    ...(isOld && { reaper: EMPTY_STATE.reaper }),
    ...(last !== undefined && { last }),
  }
  fits<ScalerState>(WHAT, state, CHECKS)
  return state
}

export function putState(state: ScalerState, rev: number | undefined): PutRow {
  return {
    kind: 'put',
    key: scalerKey('memory'),
    data: toRowData(FORMAT, state),
    expect: rev === undefined ? 'absent' : { rev },
  }
}

/** A lock that ends further ahead than a lock can last comes from a clock that went back. */
export function isLocked({ lock }: ScalerState, nowMs: number): boolean {
  return lock !== undefined && lock.untilMs > nowMs && lock.untilMs <= nowMs + LOCK_MS
}
