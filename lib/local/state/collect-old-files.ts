import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'

const PERIOD_MS = 600_000

export interface CollectionDeps {
  /** One bounded pass; answers how many files it deleted. */
  readonly collect: () => Promise<number>
  readonly clock: Pick<Clock, 'sleep'>
  readonly log: Log
  readonly signal: AbortSignal
}

/** Deletes old files, a few every ten minutes, until the signal. Never throws. */
export async function collectOldFiles(deps: CollectionDeps): Promise<void> {
  const { collect, clock, log, signal } = deps
  while (!signal.aborted) {
    try {
      const deleted = await collect()
      if (deleted > 0) log.info('old files were deleted', { files: deleted })
    } catch (error) {
      log.warn('old files could not be deleted; tried again later', { error: String(error) })
    }
    await clock.sleep(PERIOD_MS, signal)
  }
}
