import { dueHash } from '../../job/keys.ts'
import type { StoredJob } from '../../job/store/job-row.ts'
import { sendEnd } from '../../job/store/send-end.ts'
import { readNominated } from '../read-nominated.ts'
import { forEachJob } from './for-each-job.ts'
import { dueUpTo } from './resend-ready.ts'
import type { ReaperContext } from './reaper-context.ts'

const MAX_PAGES = 10
const ROWS_PER_PAGE = 100
/** Who ended the job notifies first; the reaper mends what was left undone. */
const PATIENCE_MS = 5000

/** Ended and past `notifyAt`: tells the output queue (again). */
export async function repeatNotifications(context: ReaperContext): Promise<number> {
  const { deps } = context
  const upTo = dueUpTo(deps.clock.now() - PATIENCE_MS)
  let notified = 0
  const notify = async (stored: StoredJob) => {
    await sendEnd(deps, stored)
    notified += 1
  }
  let after: string | undefined
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { jobs, next } = await readNominated(deps.table, {
      index: 'byDue',
      hash: dueHash('notify'),
      upTo,
      limit: ROWS_PER_PAGE,
      ...(after !== undefined && { after }),
    })
    const isThrough = await forEachJob(context, jobs, ['notify again', notify])
    if (!isThrough || next === undefined) break
    after = next
  }
  return notified
}
