import type { RunningWorker } from './running-worker.ts'

/** Between SIGTERM and SIGKILL for jobs that a stopping worker releases. */
const MAX_RELEASE_GRACE_MS = 30_000
/** Where there is no time left: the supervisor is gone, or the stop was repeated. */
const ABANDON_GRACE_MS = 2000

/**
 * The end of a worker: receive no more, hand back what is not claimed, let jobs end while
 * `stopSeconds` last; then each remaining one gets SIGTERM, a bounded grace and SIGKILL, its last
 * checkpoint is stored, and it is released, so that its next attempt starts at once.
 *
 * @param receiving resolves when all receivers, and the jobs that they started, have ended
 */
export async function drain(worker: RunningWorker, receiving: Promise<void>): Promise<void> {
  const { deps, active } = worker
  deps.log.info('draining', { jobs: active.list().length })
  await worker.row.write().catch((error: unknown) => {
    deps.log.warn('worker row not written', { error: String(error) })
  })
  await waitForJobs(worker, receiving)
  const maxGraceMs = deps.abandon.aborted ? ABANDON_GRACE_MS : MAX_RELEASE_GRACE_MS
  active.stopAll('released', maxGraceMs)
  deps.abandon.addEventListener('abort', () => active.stopAll('released', ABANDON_GRACE_MS), {
    once: true,
  })
  await receiving
}

/** Until all have ended, or their time is over. */
async function waitForJobs(worker: RunningWorker, receiving: Promise<void>): Promise<void> {
  const { clock, abandon, service } = worker.deps
  const ended = new AbortController()
  void receiving.finally(() => ended.abort())
  const signal = AbortSignal.any([abandon, ended.signal])
  await clock.sleep(service.timing.stopSeconds * 1000, signal)
}
