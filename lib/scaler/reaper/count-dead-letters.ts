import type { ReaperStep } from './reaper-step.ts'

const PERIOD_MS = 30_000

interface DeadLetterMemory {
  readonly countedAtMs: number
}

/** A dead letter is an alarm, never a state: every half minute they are counted, and left alone. */
export const countDeadLetters: ReaperStep<'dead-letters', DeadLetterMemory> = {
  name: 'dead-letters',
  empty: { countedAtMs: 0 },
  skipsQuietLooks: true,
  async run({ deps, steps }, { countedAtMs }) {
    const nowMs = deps.clock.now()
    const sinceMs = nowMs - countedAtMs
    if (sinceMs >= 0 && sinceMs < PERIOD_MS) return {}
    // A queue that hangs has taken the time already: one call more, and the look outlives its lock.
    if (steps.isTimeUp()) return {}
    const { visible, inFlight } = await deps.queues.depth('dead')
    const deadLetters = visible + inFlight
    if (deadLetters > 0) deps.log.warn('there are dead letters', { deadLetters })
    return { memory: { countedAtMs: nowMs }, report: { deadLetters } }
  },
}
