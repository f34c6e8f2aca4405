import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'

const PERIOD_MS = 600_000

export interface KeepFilesDeps {
  /** One bounded pass. */
  readonly deleteSome: () => Promise<number>
  readonly clock: Pick<Clock, 'sleep'>
  readonly log: Log
  readonly signal: AbortSignal
}

/** Lets old files go, a few every ten minutes, until the signal. Never throws. */
export async function keepFiles({ deleteSome, clock, log, signal }: KeepFilesDeps): Promise<void> {
  while (!signal.aborted) {
    try {
      const deleted = await deleteSome()
      if (deleted > 0) log.info('old files were deleted', { files: deleted })
    } catch (error) {
      log.warn('old files could not be deleted; tried again later', { error: String(error) })
    }
    await clock.sleep(PERIOD_MS, signal)
  }
}
