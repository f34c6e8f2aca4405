import type { Clock } from '../../lib/ports/clock.ts'
import type { Log } from '../../lib/ports/log.ts'
import type { Alarm } from '../loop/alarm.ts'
import type { WorkerRowWriter } from './worker-row.ts'

interface RowKeeping {
  readonly row: WorkerRowWriter
  /** Rung when the row should be written soon. */
  readonly alarm: Alarm
  readonly clock: Clock
  readonly log: Log
  readonly beatSeconds: number
}

const MAX_LOOK_MS = 5000
/** Changes that come together are written together. */
const GATHER_MS = 100

/**
 * Writes the worker's row each beat and soon after a change, and looks for a drain order every 5 s
 * (each beat, where that is shorter), until the signal aborts.
 */
export async function keepRow(keeping: RowKeeping, signal: AbortSignal): Promise<void> {
  const { row, alarm, clock, log, beatSeconds } = keeping
  const beatMs = beatSeconds * 1000
  const lookMs = Math.min(beatMs, MAX_LOOK_MS)
  signal.addEventListener('abort', () => alarm.ring(), { once: true })
  let writtenAtMs = -Infinity
  while (!signal.aborted) {
    const sleptFromMs = clock.monotonicMs()
    await alarm.wait(lookMs)
    const isRung = clock.monotonicMs() - sleptFromMs < lookMs
    if (isRung) await clock.sleep(GATHER_MS, signal)
    try {
      await row.look()
      if (isRung || clock.monotonicMs() - writtenAtMs >= beatMs - GATHER_MS) {
        await row.write()
        writtenAtMs = clock.monotonicMs()
      }
    } catch (error) {
      log.warn('worker row not written', { error: String(error) })
    }
  }
}
