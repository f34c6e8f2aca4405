import { doubledMs } from '../../../pace/backoff.ts'

/** How long a side waits before it replaces workers that die soon after they started. */
export interface RestartBackoff {
  /** After the first such death; doubles with each further one. */
  readonly initialSeconds: number
  readonly maxSeconds: number
  /** A worker that ran this long was healthy: its replacement starts at once. */
  readonly stableSeconds: number
}

export const DEFAULT_RESTART_BACKOFF: RestartBackoff = {
  initialSeconds: 1,
  maxSeconds: 300,
  stableSeconds: 60,
}

/** What a side remembers about early deaths of its workers; times are monotonic. */
export interface Deaths {
  readonly inRow: number
  readonly lastMs: number
  /** No worker of the side starts before. */
  readonly notBeforeMs: number
}

/**
 * What to remember after a worker exited without having been told to (ECS: service throttle logic).
 * Workers that were started together and die together count once. A side that was quiet for a
 * stable time after its back-off starts to count anew.
 */
export function afterDeath(
  known: Deaths | undefined,
  { startedMs, nowMs }: { startedMs: number; nowMs: number },
  backoff: RestartBackoff,
): Deaths | undefined {
  const stableMs = backoff.stableSeconds * 1000
  if (nowMs - startedMs >= stableMs) return undefined
  if (known !== undefined && startedMs <= known.lastMs) return known
  const quiet = known === undefined || nowMs - known.notBeforeMs >= stableMs
  const inRow = quiet ? 1 : known.inRow + 1
  const times = { firstMs: backoff.initialSeconds * 1000, maxMs: backoff.maxSeconds * 1000 }
  return { inRow, lastMs: nowMs, notBeforeMs: nowMs + doubledMs(inRow - 1, times) }
}
