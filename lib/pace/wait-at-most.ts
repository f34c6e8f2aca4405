import type { Sleeper } from './sleeper.ts'

/**
 * Stops waiting, not the work: its own bound ends that.
 *
 * @returns what came of it; nothing when it took longer than `ms`
 */
export async function waitAtMost<T>(
  clock: Sleeper,
  ms: number,
  work: Promise<T>,
): Promise<T | undefined> {
  const enough = new AbortController()
  try {
    return await Promise.race([work, clock.sleep(ms, enough.signal).then(() => undefined)])
  } finally {
    enough.abort()
  }
}
