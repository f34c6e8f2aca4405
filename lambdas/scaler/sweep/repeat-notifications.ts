import { dueHash } from '../../../lib/core/keys.ts'
import { notifyEnd } from '../../../lib/jobs/notify-end.ts'
import { readNominated } from '../read-nominated.ts'
import { dueUpTo } from './resend-signals.ts'
import type { SweepContext } from './sweep-context.ts'

const MAX_ROWS = 100
/** Who ended the job notifies first; the sweep mends what was left undone. */
const PATIENCE_MS = 5000

/** Ended and past `notifyAt`: tells the output queue (again). */
export async function repeatNotifications(context: SweepContext): Promise<number> {
  const { deps, steps, budget } = context
  const { jobs } = await readNominated(deps.table, {
    index: 'byDue',
    hash: dueHash('notify'),
    upTo: dueUpTo(deps.clock.now() - PATIENCE_MS),
    limit: MAX_ROWS,
  })
  let notified = 0
  for (const stored of jobs) {
    if (budget.isSpent()) break
    await steps.run('notify again', async () => {
      await notifyEnd(deps, stored)
      notified += 1
    })
  }
  return notified
}
