import { doubledMs } from '../../pace/backoff.ts'
import { WakeableTimer } from '../../pace/wakeable-timer.ts'
import type { Clock } from '../../ports/clock.ts'
import { requestKick } from './kick.ts'
import { type LookReport, look } from './look.ts'
import type { ScalerDeps } from './scaler-deps.ts'

export interface LookLoop {
  /** Ends the loop; a look that is under way ends first. */
  readonly signal: AbortSignal
  /** Woken by kicks of the same process. */
  readonly kicks?: WakeableTimer
  /** No look by the clock begins after this (monotonic): the next minute's loop goes on. */
  readonly endMonotonicMs?: number
}

/** After a look that left something undone; doubled after each further one, up to a period. */
const RETRY_MS = 2000

/**
 * Looks every `timing.lookSeconds`, sooner after a look that failed wholly or in part (a store that
 * fails now and then must not hide a dead worker for long), and at once when kicked, until the signal
 * or the end. In a Lambda the end is the minute (`endOfMinute`); on one machine there is none. Loops
 * may overlap: the lock lets one look at a time act. Never throws.
 */
export async function runLooks(deps: ScalerDeps, loop: LookLoop): Promise<void> {
  const { clock } = deps
  const { signal, kicks, endMonotonicMs = Infinity } = loop
  let undone = 0
  while (!signal.aborted) {
    const periodMs = deps.service().timing.lookSeconds * 1000
    const startedMs = clock.monotonicMs()
    undone = isDone(await look(deps, 'clock')) ? 0 : undone + 1
    const backoffMs = doubledMs(undone - 1, { firstMs: RETRY_MS, maxMs: periodMs })
    const retryMs = undone === 0 ? Infinity : clock.monotonicMs() + backoffMs
    const nextMs = Math.min(startedMs + periodMs, retryMs)
    const isLast = nextMs >= endMonotonicMs
    // Waiting for the end costs time; it is of use only where a kick may come.
    if (isLast && kicks === undefined) return
    const untilMs = Math.min(nextMs, endMonotonicMs)
    await lookWhenKicked(deps, { kicks: kicks ?? new WakeableTimer(clock), signal, untilMs })
    if (isLast) return
  }
}

function isDone(report: LookReport): boolean {
  return report.kind === 'locked' || (report.kind === 'looked' && report.failures.length === 0)
}

const LOOP_MS = 60_000

/**
 * When a loop that is started each minute stops to begin looks: after its minute, or so early that
 * the last look ends before the Lambda's own deadline.
 */
export function endOfMinute(clock: Clock, remainingMs: number): number {
  const LONGEST_LOOK_MS = 15_000
  return clock.monotonicMs() + Math.max(Math.min(LOOP_MS, remainingMs - LONGEST_LOOK_MS), 0)
}

async function lookWhenKicked(
  deps: ScalerDeps,
  { kicks, signal, untilMs }: { kicks: WakeableTimer; signal: AbortSignal; untilMs: number },
): Promise<void> {
  const { clock } = deps
  while (!signal.aborted) {
    const leftMs = untilMs - clock.monotonicMs()
    if (leftMs <= 0) return
    const isKicked = await kicks.wait(leftMs, signal)
    if (!isKicked) return
    await lookOnKick(deps, signal)
  }
}

/**
 * What a kick leads to: a look now, one trailing look at the end of the window, or nothing where
 * somebody else has promised it. Never throws: a kick that is lost costs one look period.
 *
 * @returns the report of the look, where this kick made one
 */
export async function lookOnKick(
  deps: ScalerDeps,
  signal: AbortSignal,
): Promise<LookReport | undefined> {
  const { table, clock, log } = deps
  try {
    let answer = await requestKick(table, clock)
    while (answer.kind === 'later' && !signal.aborted) {
      await clock.sleep(Math.max(answer.whenMs - clock.now(), 0), signal)
      answer = await requestKick(table, clock)
    }
    return answer.kind === 'now' && !signal.aborted ? await look(deps, 'kick') : undefined
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    log.warn('a kick was lost', { error: message })
    return undefined
  }
}
