import { SCALING_REASONS } from '../../lib/core/scaling/scaling-reasons.ts'
import type { Decision } from '../../lib/core/scaling/decision.ts'
import { SIDES } from '../../lib/core/scaling/sides.ts'
import { changeDrainOrder } from './change-drain-order.ts'
import type { Budget } from './look-budget.ts'
import type { ScalerDeps } from './scaler-deps.ts'
import type { Sensed } from './sense.ts'
import type { Steps } from './steps.ts'

/**
 * Carries a decision out: place, raise, drain orders, lower. Every part may fail alone; what was
 * not done is decided again in the next look, from what is seen then.
 */
export async function act(
  deps: ScalerDeps,
  { decision, sensed }: { readonly decision: Decision; readonly sensed: Sensed },
  { steps, budget }: { readonly steps: Steps; readonly budget: Budget },
): Promise<void> {
  const { place } = decision
  const isPlaced =
    place === undefined ||
    (await steps.run('place', () => deps.fleet.place(place.side, place.version)))
  const changes = listChanges(decision, sensed)
  for (const change of changes.filter(({ from, to }) => to > from)) {
    // A side that could not be told its version would start workers of the version before.
    if (change.side !== place?.side || isPlaced) await setDesired(deps, { change, decision, steps })
  }
  for (const drain of decision.drains) {
    if (budget.isSpent()) break
    await steps.run('drain order', () => changeDrainOrder(deps.table, drain))
  }
  for (const change of changes.filter(({ from, to }) => to < from)) {
    await setDesired(deps, { change, decision, steps })
  }
}

type Change = ReturnType<typeof listChanges>[number]

/** Sides whose desired count is not what was decided; unseen counts as below. */
function listChanges({ desired }: Decision, { fleet }: Sensed) {
  return SIDES.flatMap((side) => {
    const to = desired[side]
    const from = fleet.seen ? fleet.value.sides[side].desired : -1
    return to === undefined || to === from ? [] : [{ side, from, to }]
  })
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

/** Whether carrying the decision out would change anything. */
export function changesAnything(decision: Decision, sensed: Sensed): boolean {
  const { place, drains } = decision
  return place !== undefined || drains.length > 0 || listChanges(decision, sensed).length > 0
}
