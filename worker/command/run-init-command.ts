import { logLines } from '../logs/split-lines.ts'
import type { RunningWorker } from '../loop/running-worker.ts'

const STOP_GRACE_MS = 10_000

/**
 * Runs the service's init command once, within `startSeconds`.
 *
 * @returns what went wrong, or nothing
 */
export async function runInitCommand(
  { deps, guards, folder, receiving }: RunningWorker,
  env: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const { signal } = receiving
  const cwd = deps.serviceDir ?? folder
  const { initCommand, startSeconds } = deps.service.container
  if (initCommand === undefined) return undefined
  const guard = await guards.take()
  logLines(deps.log, 'init command says', guard)
  // Nothing prolongs it: the time to start is all that it gets, whatever becomes of the worker.
  const leaseUntilMs = deps.clock.monotonicMs() + startSeconds * 1000
  const args = ['-c', initCommand]
  guard.run({ file: '/bin/sh', args, cwd, env, leaseUntilMs })
  const stop = (): void => guard.stop(STOP_GRACE_MS)
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  const end = await guard.ended
  signal.removeEventListener('abort', stop)
  guard.close()
  if (end.is !== 'gone') return end.message
  if (end.cause === 'lease') return `it took longer than ${startSeconds} s`
  return end.exitCode === 0 ? undefined : `it ended with ${end.signal ?? end.exitCode}`
}
