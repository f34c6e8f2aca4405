import { systemClock } from '../../../lib/adapters/node/system-clock.ts'
import type { Clock } from '../../../lib/ports/clock.ts'

const FASTER = 200

/**
 * The real date, but waits pass quickly: a poll of 20 seconds takes a tenth of one. For tries that
 * ask for every documented wait, and learn nothing from it.
 */
export const hurriedClock: Clock = {
  now: () => systemClock.now(),
  monotonicMs: () => systemClock.monotonicMs() * FASTER,
  sleep: (ms, signal) => systemClock.sleep(ms / FASTER, signal),
}
