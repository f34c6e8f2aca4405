import type { TaskType } from '../job/job.ts'
import type { SideFacts } from './observation.ts'
import type { Side } from './sides.ts'

/** What the scaler has to know from one look to the next. Plain JSON; times since 1970. */
export interface ScalerMemory {
  /** The last look that saw the worker rows. */
  readonly lookedAtMs?: number
  /** What was wanted last, after windows, bounds and floor. */
  readonly wanted?: number
  /** Since when more, or fewer, workers have been called for than were wanted. */
  readonly riseSinceMs?: number
  readonly fallSinceMs?: number
  /** When a job was last seen waiting or running. */
  readonly lastActiveAtMs?: number
  /** Workers that were started at once when leaving zero, until nothing waits any more. */
  readonly activation?: number
  /** Mean run time of recent successes. */
  readonly runSeconds: Readonly<Partial<Record<TaskType, number>>>
  /** Beat number of each worker, and when that number was first seen. */
  readonly beats: Readonly<Record<string, readonly [beat: number, sinceMs: number]>>
  /** The side that gets new work. */
  readonly liveSide?: Side
  /** Both sides as they were decided last. */
  readonly sides?: Readonly<Record<Side, SideFacts>>
}

export const EMPTY_MEMORY: ScalerMemory = { runSeconds: {}, beats: {} }

const SHORTEST_ABSENCE_MS = 10_000

/**
 * Whether the scaler itself missed looks: more than two periods since the last one (at least 10 s,
 * so that one slow look of a quick scaler does not count), or a wall clock that went back. Then what
 * it remembers of silence proves nothing: a machine that slept for an hour has heard nobody.
 */
export function missedLooks(
  lastLookMs: number | undefined,
  nowMs: number,
  lookSeconds: number,
): boolean {
  if (lastLookMs === undefined) return true
  const sinceMs = nowMs - lastLookMs
  return sinceMs < 0 || sinceMs > Math.max(2 * lookSeconds * 1000, SHORTEST_ABSENCE_MS)
}
