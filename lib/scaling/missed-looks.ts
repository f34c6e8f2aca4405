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
