import { SCALING_REASONS } from '../../scaling/scaling-reasons.ts'
import type { Decision } from '../../scaling/decision.ts'
import { type Side, SIDES } from '../../scaling/sides.ts'
import { changeDrainOrder } from './change-drain-order.ts'
import type { ScalerDeps } from './scaler-deps.ts'
import type { Snapshot } from './sense.ts'
import type { Steps } from './steps.ts'
import { type StopResult, stopSilent } from './stop-silent.ts'

/**
 * Carries a decision out: place, stops, raise, drain orders, lower. Every part may fail alone; the
 * next look decides anew, from what it sees, on whatever was not done.
 */
export async function act(
  deps: ScalerDeps,
  { decision, snapshot }: { readonly decision: Decision; readonly snapshot: Snapshot },
  steps: Steps,
): Promise<void> {
  const { place } = decision
  const isPlaced =
    place === undefined ||
    (await steps.run('place', () => deps.fleet.place(place.side, place.version)))
  const stopped = await stopSilent(deps, decision.stops ?? [], steps)
  const { live } = decision.versions
  const changes = listCounts(decision, snapshot)
    .map((count) => allowFor(count, { stopped, live }))
    .filter(isChange)
  for (const change of changes.filter(({ from, to }) => to > from)) {
    // A side that could not be told its version would start workers of the version before.
    if (change.side !== place?.side || isPlaced) await setDesired(deps, { change, decision, steps })
  }
  for (const drain of decision.drains) {
    if (steps.isTimeUp()) break
    await steps.run('drain order', () => changeDrainOrder(deps.table, drain))
  }
  for (const change of changes.filter(({ from, to }) => to < from)) {
    await setDesired(deps, { change, decision, steps })
  }
}

interface Change {
  readonly side: Side
  readonly from: number
  readonly to: number
}

/** The decided count of each side beside the present one; a count that is unseen is taken for lower. */
function listCounts({ desired }: Decision, { fleet }: Snapshot): Change[] {
  return SIDES.flatMap((side) => {
    const to = desired[side]
    const from = fleet.seen ? fleet.value.sides[side].desired : -1
    return to === undefined ? [] : [{ side, from, to }]
  })
}

function isChange({ from, to }: Change): boolean {
  return from !== to
}

/**
 * The decision assumes that every stop succeeds. A silent worker that could not be stopped still fills
 * a place of the live side, so one more is asked for; where one turned out to live, nothing is lowered.
 */
function allowFor(
  count: Change,
  { stopped, live }: { readonly stopped: StopResult; readonly live: Side | undefined },
): Change {
  const { side, from, to } = count
  if (stopped.alive.has(side) && to < from) return { ...count, to: from }
  const isNeeded = side === live && to > 0 && to >= from - stopped.failed[side]
  return isNeeded ? { ...count, to: to + stopped.failed[side] } : count
}

async function setDesired(
  { fleet, log }: ScalerDeps,
  { change, decision, steps }: { change: Change; decision: Decision; steps: Steps },
): Promise<void> {
  const { side, from, to } = change
  const done = await steps.run('set desired', () => fleet.setDesired(side, to))
  if (!done) return
  const { wanted, reason } = decision
  log.info('desired count changed', {
    side,
    from,
    to,
    wanted,
    reason,
    why: SCALING_REASONS[reason],
  })
}

/** Whether carrying the decision out would change sides or counts. */
export function changesFleet(decision: Decision, snapshot: Snapshot): boolean {
  return decision.place !== undefined || listCounts(decision, snapshot).some(isChange)
}
