import type { Guards } from '../../lib/processes/guard-pool.ts'
import { logLines } from '../logs/log-lines.ts'
import { monotonicMs } from '../../lib/pace/monotonic.ts'
import type { WorkerDeps } from '../loop/worker-deps.ts'

const STOP_GRACE_MS = 10_000

interface InitCommandHow {
  readonly guards: Guards
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Aborts when the worker stops. */
  readonly signal: AbortSignal
}

/**
 * Runs the service's init command once, within `startSeconds`.
 *
 * @returns what went wrong, or nothing
 */
export async function runInitCommand(
  deps: WorkerDeps,
  { guards, cwd, env, signal }: InitCommandHow,
): Promise<string | undefined> {
  const { initCommand, startSeconds } = deps.service.container
  if (initCommand === undefined) return undefined
  const guard = await guards.take()
  logLines(deps.log, 'init command says', guard)
  // Nothing prolongs it: the time to start is all that it gets, whatever becomes of the worker.
  const leaseUntilMs = monotonicMs() + startSeconds * 1000
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
