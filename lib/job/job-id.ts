/**
 * Job ids: 19-digit decimal numbers below 2^63, ordered by time. One id is PAI-EAS's *index* and
 * *request id* at once, and sorts as text.
 *
 * Layout: milliseconds since 1970 shifted left by 21 bits, then a 21-bit counter that starts at
 * random in each process and counts up. Within a process ids never repeat and never go back, even
 * when the wall clock does.
 */

const COUNTER_BITS = 21n
const COUNTER_LIMIT = 1n << COUNTER_BITS
const ID_PATTERN = /^[1-9]\d{18}$/
const MAX_ID = (1n << 63n) - 1n

export interface IdSource {
  /** Milliseconds since 1970. */
  now(): number
  /** A number in [0, 1). */
  random(): number
}

/** Makes the ids of one process. */
export function makeIdGenerator(source: IdSource): () => string {
  let lastMs = 0n
  // The lower half, so that a burst has a million ids before it borrows from the next millisecond.
  let counter = BigInt(Math.floor(source.random() * Number(COUNTER_LIMIT / 2n)))
  return () => {
    const nowMs = BigInt(source.now())
    if (nowMs > lastMs) lastMs = nowMs
    counter += 1n
    if (counter >= COUNTER_LIMIT) {
      counter = 0n
      lastMs += 1n
    }
    return String((lastMs << COUNTER_BITS) | counter)
  }
}

export function isJobId(text: string): boolean {
  return ID_PATTERN.test(text) && BigInt(text) <= MAX_ID
}

/** When the id was made, in milliseconds since 1970. */
export function timeOfJobId(id: string): number {
  return Number(BigInt(id) >> COUNTER_BITS)
}
