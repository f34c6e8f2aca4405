import { setTimeout as sleep } from 'node:timers/promises'

const POLL_MS = 20

/**
 * Asks until the answer is there, or fails with the last state after `withinMs`: the one way in
 * which tests over real processes wait.
 */
export async function waitFor<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  withinMs = 20_000,
): Promise<T> {
  const deadline = performance.now() + withinMs
  let lastError: unknown
  for (;;) {
    try {
      const answer = await ask()
      if (answer !== undefined && answer !== false) return answer
      lastError = undefined
    } catch (error) {
      lastError = error
    }
    if (performance.now() > deadline) {
      throw new Error(`waited ${withinMs} ms for ${what}`, { cause: lastError })
    }
    await sleep(POLL_MS)
  }
}
