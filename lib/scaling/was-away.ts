const SHORTEST_ABSENCE_MS = 10_000

/**
 * Whether the scaler itself was away: more than two look periods (at least 10 s, so that a slow look
 * of a quick scaler is no absence), or a wall clock that went back. What it remembers of silence
 * then proves nothing: a machine that slept for an hour has heard nobody.
 */
export function wasAway(
  lastLookMs: number | undefined,
  nowMs: number,
  lookSeconds: number,
): boolean {
  if (lastLookMs === undefined) return true
  const awayMs = nowMs - lastLookMs
  return awayMs < 0 || awayMs > Math.max(2 * lookSeconds * 1000, SHORTEST_ABSENCE_MS)
}
