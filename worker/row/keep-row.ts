import type { Clock } from '../../lib/ports/clock.ts'
import type { Log } from '../../lib/ports/log.ts'
import type { WakeableTimer } from '../../lib/pace/wakeable-timer.ts'
import type { WorkerRowWriter } from './worker-row.ts'

interface RowKeeping {
  readonly row: WorkerRowWriter
  /** Woken when the row should be written soon. */
  readonly timer: WakeableTimer
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
  const { row, timer, clock, log, beatSeconds } = keeping
  const beatMs = beatSeconds * 1000
  const lookMs = Math.min(beatMs, MAX_LOOK_MS)
  signal.addEventListener('abort', () => timer.wake(), { once: true })
  let writtenAtMs = -Infinity
  while (!signal.aborted) {
    const isWoken = await timer.wait(lookMs)
    if (isWoken) await clock.sleep(GATHER_MS, signal)
    try {
      await row.look()
      if (isWoken || clock.monotonicMs() - writtenAtMs >= beatMs - GATHER_MS) {
        await row.write()
        writtenAtMs = clock.monotonicMs()
      }
    } catch (error) {
      log.warn('worker row not written', { error: String(error) })
    }
  }
}
