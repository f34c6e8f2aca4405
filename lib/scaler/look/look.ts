import { decide } from '../../scaling/decide.ts'
import type { Decision } from '../../scaling/decision.ts'
import { act, changesFleet } from './act.ts'
import { signatureOf } from '../../scaling/store/decision-history.ts'
import { emitLookMetrics } from './emit-look-metrics.ts'
import { markAgain, takeAgain } from './kick.ts'
import type { ScalerDeps } from './scaler-deps.ts'
import { type Look, type LookCause, releaseLock, takeLock } from './look-lock.ts'
import { isLocked, readState, type ScalerState } from '../scaler-state.ts'
import { sense } from './sense.ts'
import { type StepFailure, Steps } from './steps.ts'
import { isEmpty as isNoneQueued } from '../read-jobs.ts'
import { reap, type ReapResult } from '../reaper/reap.ts'

export type LookReport =
  | {
      readonly kind: 'looked'
      readonly decision: Decision
      readonly reaped: ReapResult['report']
      /** Steps that failed; they are tried again in the next look. */
      readonly failures: readonly StepFailure[]
    }
  /** Somebody else holds the lock, and was asked to look once more. */
  | { readonly kind: 'locked' }
  /** The scaler's own row could not be read or written; nothing was done. */
  | { readonly kind: 'failed'; readonly message: string }

/** Looks that may follow one another at once: the first, and those that kicks asked for during it. */
const MAX_ROUNDS = 3
/**
 * For act and reaper together; the next look does the rest. A call that begins in the last moment may
 * take 9 s (lib/adapters/aws/aws-settings.ts), and both together stay below the lock's time.
 */
const WORK_MS = 8000
/** A quiet service writes its row once in this time. */
const QUIET_SAVE_MS = 60_000

/**
 * One look: sense, decide, act, reap. Reading needs no lock; the write that saves the decision also
 * takes the lock, on the condition that nobody has written since the memory was read. So one of two
 * overlapping looks acts, and the other asks it to look once more.
 *
 * A quiet look (nothing waits, runs or changes) takes no lock and writes nothing. Its port calls:
 * scaler row, queued rows, workers, fleet, running rows, notifications due: six. Once a minute it
 * saves, with two writes more.
 *
 * Never throws: a part that fails is logged and counted (`ScalerLookFailed`).
 */
export async function look(deps: ScalerDeps, cause: LookCause): Promise<LookReport> {
  let report: LookReport = { kind: 'locked' }
  try {
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const next = await lookOnce(deps, cause)
      if (next.kind === 'looked') report = next.report
      if (next.kind === 'locked' || (next.kind === 'looked' && !next.again)) return report
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    deps.log.error('the look failed', { cause, error: message })
    report = { kind: 'failed', message }
    const failed = { name: 'ScalerLookFailed', value: 1, atMs: deps.clock.now() } as const
    await deps.metrics.emit([failed])
  }
  return report
}

type RoundResult =
  | { readonly kind: 'locked' }
  /** Another look was saved while this one was reading: its snapshot may be older. */
  | { readonly kind: 'overtaken' }
  | { readonly kind: 'looked'; readonly report: LookReport; readonly again: boolean }

async function lookOnce(deps: ScalerDeps, cause: LookCause): Promise<RoundResult> {
  const { table, clock } = deps
  let stored = await readState(table)
  if (isLocked(stored.state, clock.now())) {
    await markAgain(table)
    // Released in between: the holder may have missed the mark, so this look happens after all.
    stored = await readState(table)
    if (isLocked(stored.state, clock.now())) return { kind: 'locked' }
  }
  if (stored.unread !== undefined) {
    deps.log.error('the scaler begins without memory', { why: stored.unread })
  }
  const service = deps.service()
  const snapshot = await sense(deps, service, stored.state.reaper['running-jobs'])
  const nowMs = clock.now()
  const { scaling } = stored.state
  const decided = decide(snapshot.observation, scaling, service.scaling, nowMs)
  const seen: Look = { deps, cause, service, stored, snapshot, decided, nowMs }
  if (isQuiet(seen)) return lookQuietly(seen)
  const rev = await takeLock(seen)
  return rev === undefined ? { kind: 'overtaken' } : workLocked(seen, rev)
}

/** Everything was seen, nothing waits, runs, starts or changes, and the row was saved lately. */
function isQuiet({ stored, snapshot, decided, nowMs }: Look): boolean {
  const { state } = stored
  const { decision } = decided
  const { workers, queued } = snapshot
  const isEmpty = workers.seen && workers.value.length === 0 && decision.inputs.unreported === 0
  const nothingWaits = queued.seen && isNoneQueued(queued.value) && showsNothing(state)
  const sinceMs = nowMs - state.savedAtMs
  return (
    isEmpty &&
    nothingWaits &&
    decision.inputs.unseen.length === 0 &&
    !changesFleet(decision, snapshot) &&
    state.last?.signature === signatureOf(decision) &&
    Object.keys(state.reaper['running-jobs']?.beats ?? {}).length === 0 &&
    sinceMs >= 0 &&
    sinceMs < QUIET_SAVE_MS
  )
}

/** Whether the row already tells readers that nothing waits. */
function showsNothing({ last }: ScalerState): boolean {
  const { command = 0, query = 0 } = last?.inputs?.waiting ?? {}
  return command + query === 0
}

/** The reaper's steps are safe without the lock: each of them changes rows conditionally. */
async function lookQuietly({ deps, stored, snapshot, decided }: Look): Promise<RoundResult> {
  const steps = new Steps(deps, WORK_MS)
  const { report } = await reap({ deps, snapshot, steps }, stored.state.reaper, { isQuiet: true })
  const { decision } = decided
  const { failures } = steps
  return {
    kind: 'looked',
    report: { kind: 'looked', decision, reaped: report, failures },
    again: false,
  }
}

async function workLocked(seen: Look, rev: number): Promise<RoundResult> {
  const { deps, snapshot, decided, stored } = seen
  const { decision } = decided
  const steps = new Steps(deps, WORK_MS)
  // Half, so that slow changes of the fleet do not delay the reaper.
  await act(deps, { decision, snapshot }, steps.withHalfTime())
  const reaped = await reap({ deps, snapshot, steps }, stored.state.reaper)
  await steps.run('release', () => releaseLock(seen, rev, reaped.memory))
  await emitLookMetrics(deps, {
    decision,
    snapshot,
    reaped: reaped.report,
    failures: steps.failures,
  })
  const { failures } = steps
  const report: LookReport = { kind: 'looked', decision, reaped: reaped.report, failures }
  let again = false
  await steps.run('look again', async () => {
    again = await takeAgain(deps.table)
  })
  return { kind: 'looked', report, again }
}
