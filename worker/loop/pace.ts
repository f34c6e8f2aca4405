import { backoff, type Backoff, type BackoffTimes } from '../../lib/pace/backoff.ts'

/** What a worker tries again, and how long it waits in between, in milliseconds. */
const WAITS = {
  /** Receiving, after a refused protection, a fault of the worker itself, or a queue that is away. */
  receive: { firstMs: 1000, maxMs: 30_000 },
  /** A claim that was not answered. */
  claim: { firstMs: 1000, maxMs: 1000 },
  /** Asking for protection, or for its end. */
  protection: { firstMs: 5000, maxMs: 5000 },
  /** A call to table or files, for an attempt that still holds its job. */
  store: { firstMs: 200, maxMs: 5000 },
  /** Storing or sending log lines. */
  logs: { firstMs: 250, maxMs: 5000 },
  /** The start of the model server. */
  modelServer: { firstMs: 500, maxMs: 30_000 },
  /** The init command. */
  init: { firstMs: 1000, maxMs: 2000 },
  /** The start of the thread that renews leases. */
  leaseThread: { firstMs: 1000, maxMs: 10_000 },
} as const satisfies Readonly<Record<string, BackoffTimes>>

/** At least 5, to be polite to whatever was away. */
const HAND_BACK_SECONDS = 5

/** How long a worker waits between its tries. */
export interface Pace {
  /** A message that could not be used now shows again after this. */
  readonly handBackSeconds: number
  backoff(of: keyof typeof WAITS): Backoff
}

/**
 * @param factor makes all waits longer or shorter; 1 unless given
 * @param random see `backoff`
 */
export function makePace({
  factor = 1,
  random,
}: { factor?: number; random?: () => number } = {}): Pace {
  return {
    handBackSeconds: HAND_BACK_SECONDS * factor,
    backoff(of) {
      const { firstMs, maxMs } = WAITS[of]
      return backoff({ firstMs: firstMs * factor, maxMs: maxMs * factor }, random)
    },
  }
}
