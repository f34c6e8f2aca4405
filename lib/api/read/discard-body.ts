import type { Clock } from '../../ports/clock.ts'

/** A caller on a usual line has sent what the API takes by then. */
const DISCARD_MS = 2_000

/**
 * Reads a body to its end, keeping nothing of it: a connection that is closed while its caller still
 * sends loses the answer on the way.
 */
export async function discardBody({ body }: Request, clock: Clock): Promise<void> {
  if (body === null) return
  const enough = new AbortController()
  const late = clock.sleep(DISCARD_MS, enough.signal).then(() => ({ done: true }))
  const reader = body.getReader()
  try {
    for (let done = false; !done;) ({ done } = await Promise.race([reader.read(), late]))
  } catch {
    return // The caller has gone.
  } finally {
    enough.abort()
    await reader.cancel().catch(() => undefined)
  }
}
