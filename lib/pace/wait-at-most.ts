import type { Sleeper } from './wakeable-timer.ts'

/**
 * Waits for at most `ms`. The work itself goes on: its own bound ends it.
 *
 * @returns the result of the work; nothing when it took longer than `ms`
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
