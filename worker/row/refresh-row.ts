import { WakeableTimer } from '../../lib/pace/wakeable-timer.ts'
import type { RunningWorker } from '../loop/running-worker.ts'

const MAX_LOOK_MS = 5000
/** Changes that come together are written together. */
const GATHER_MS = 100

/**
 * Writes the worker's row each beat and soon after a change, and looks for a drain order every 5 s
 * (each beat, where that is shorter), until the signal aborts.
 */
export async function refreshRow(
  worker: Pick<RunningWorker, 'row' | 'deps' | 'onNews'>,
  signal: AbortSignal,
): Promise<void> {
  const { row, deps } = worker
  const { clock, log, service } = deps
  const timer = new WakeableTimer(clock)
  worker.onNews(() => timer.wake())
  const beatMs = service.timing.beatSeconds * 1000
  const lookMs = Math.min(beatMs, MAX_LOOK_MS)
  let writtenAtMs = -Infinity
  while (!signal.aborted) {
    const hasNews = await timer.wait(lookMs, signal)
    if (hasNews) await clock.sleep(GATHER_MS, signal)
    try {
      await row.look()
      if (hasNews || clock.monotonicMs() - writtenAtMs >= beatMs - GATHER_MS) {
        await row.write()
        writtenAtMs = clock.monotonicMs()
      }
    } catch (error) {
      log.warn('worker row not written', { error: String(error) })
    }
  }
}
