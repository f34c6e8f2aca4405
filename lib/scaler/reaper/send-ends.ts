import { dueHash } from '../../job/keys.ts'
import type { StoredJob } from '../../job/store/job-row.ts'
import { sendEnd } from '../../job/store/send-end.ts'
import { readJobs } from '../read-jobs.ts'
import { forEachJob, type ReaperContext, type ReaperStep } from './reaper-step.ts'
import { dueUpTo } from './resend-ready.ts'

const MAX_PAGES = 10
const ROWS_PER_PAGE = 100
/** Whoever ended the job sends first; the reaper mends what was left undone. */
const PATIENCE_MS = 5000

/**
 * Tells the output queue of jobs that ended in the queue in this look, and again of every ended job
 * past its `notifyAt`. After the steps that end jobs: a queue that does not answer must not keep
 * jobs from ending.
 */
export const sendEnds: ReaperStep<'end-messages'> = {
  name: 'end-messages',
  empty: {},
  async run(context) {
    const { deps, steps, findings } = context
    const { ended = [] } = findings
    await forEachJob(steps.withHalfTime(), ended, ['send end', (job) => sendEnd(deps, job)])
    return { report: { notified: await sendDueEnds(context) } }
  },
}

async function sendDueEnds({ deps, steps }: ReaperContext): Promise<number> {
  const upTo = dueUpTo(deps.clock.now() - PATIENCE_MS)
  let notified = 0
  const sendOne = async (stored: StoredJob) => {
    await sendEnd(deps, stored)
    notified += 1
  }
  let after: string | undefined
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { jobs, next } = await readJobs(deps, {
      index: 'byDue',
      hash: dueHash('notify'),
      upTo,
      limit: ROWS_PER_PAGE,
      ...(after !== undefined && { after }),
    })
    const isThrough = await forEachJob(steps, jobs, ['send end again', sendOne])
    if (!isThrough || next === undefined) break
    after = next
  }
  return notified
}
