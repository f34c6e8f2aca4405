import type { EndsCounted } from './count-ended.ts'
import type { UnservedMemory } from './find-unserved.ts'
import type { LeaseMemory } from './judge-leases.ts'

/** What the reaper has to know from one look to the next. Its size is bounded by `MAX_WATCHED`. */
export interface ReaperMemory extends LeaseMemory {
  /** Where the look for expired jobs goes on beyond the queued rows that each look reads anyway. */
  readonly expiryAfter?: string
  /** When dead letters were counted last. */
  readonly deadCountedAtMs?: number
  readonly ends?: EndsCounted
  /** Workers that do not say they are free and held no lease, where all running rows were read. */
  readonly withoutLease?: readonly string[]
  readonly unserved?: UnservedMemory
}

export const EMPTY_REAPER_MEMORY: ReaperMemory = { seen: {} }
