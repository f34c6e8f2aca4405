/** Times of one thing, in milliseconds. */
export interface Timing {
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

/** Runs it `count` times, one after the other, after a few runs that do not count. */
export async function timeEach(
  count: number,
  run: () => Promise<unknown>,
  warmUps = 3,
): Promise<Timing> {
  for (let index = 0; index < warmUps; index += 1) await run()
  const times: number[] = []
  for (let index = 0; index < count; index += 1) {
    const startMs = performance.now()
    await run()
    times.push(performance.now() - startMs)
  }
  return toTiming(times)
}

/** Quantiles of times in milliseconds, in whatever order they were taken. */
export function toTiming(timesMs: readonly number[]): Timing {
  const times = timesMs.toSorted((one, other) => one - other)
  return { p50: at(times, 0.5), p95: at(times, 0.95), p99: at(times, 0.99) }
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? 0
}

/** How long it takes, in seconds. */
export async function timeOnce(run: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now()
  await run()
  return (performance.now() - startMs) / 1000
}
