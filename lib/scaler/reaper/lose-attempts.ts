import { isEnded } from '../../job/job.ts'
import { type SeenLease, lose } from '../../job/life/attempt-end.ts'
import { changeJob } from '../../job/store/change-job.ts'
import type { StoredJob } from '../../job/store/job-row.ts'
import { sendEnd } from '../../job/store/send-end.ts'
import { sendReady } from '../../job/store/send-ready.ts'
import { saysFree } from '../../scaling/hung-workers.ts'
import { statusHash } from '../../job/keys.ts'
import { type JobPage, readJobs } from '../read-jobs.ts'
import type { ScalerDeps } from '../look/scaler-deps.ts'
import type { ReaperContext, ReaperStep } from './reaper-step.ts'
import { findStoppedTasks } from './find-stopped-tasks.ts'
import { judgeLeases, type LeaseMemory } from './judge-leases.ts'

/** Running jobs that are watched at a time; at about 60 bytes each they fit the scaler's row. */
const MAX_WATCHED = 2000
const ROWS_PER_QUERY = 1000

/**
 * Ends attempts whose worker is gone: at once where the fleet says that its task has stopped, and
 * after the lease where its beat stands still. The verdict is written on the condition that attempt
 * and beat are still those that were judged.
 */
export const loseAttempts: ReaperStep<'running-jobs', LeaseMemory> = {
  name: 'running-jobs',
  empty: { beats: {} },
  async run(context, memory) {
    const { deps } = context
    const scan = await readRunning(deps, memory.windowAfter)
    const nowMs = deps.clock.now()
    const { lookSeconds } = deps.service().timing
    const jobs = scan.jobs.map(({ job }) => job)
    const judgement = judgeLeases(memory, { ...scan, jobs }, { nowMs, lookSeconds })
    const stoppedTasks = await findStoppedTasks(context, jobs)
    const silentIds = new Set(judgement.silent.map((job) => job.id))
    const { lost, leaseHolders } = await loseAll(context, scan.jobs, { stoppedTasks, silentIds })
    // Any worker may hold the lease in a row that cannot be read.
    const isComplete = scan.isWhole && scan.next === undefined && memory.windowAfter === undefined
    const withoutLease = isComplete && listWithoutLease(context, leaseHolders)
    return {
      memory: { ...judgement.memory, ...(withoutLease && { withoutLease }) },
      report: { lost, running: jobs.length },
      findings: { stoppedTasks, ...(isComplete && { leaseHolders }) },
    }
  },
  afterFailure: ({ withoutLease: _outdated, ...memory }) => memory,
}

interface Verdicts {
  readonly stoppedTasks: ReadonlySet<string>
  readonly silentIds: ReadonlySet<string>
}

/** The time starts here, after the reads: slow reads, look after look, must not delay this. */
async function loseAll(
  { deps, steps }: ReaperContext,
  running: readonly StoredJob[],
  verdicts: Verdicts,
): Promise<{ lost: number; leaseHolders: ReadonlySet<string> }> {
  const turn = steps.withHalfTime()
  const leaseHolders = new Set<string>()
  let tried = 0
  let lost = 0
  for (const stored of running) {
    const why = whyLost(stored, verdicts)
    let isLost = false
    if (why !== undefined && (tried === 0 || !turn.isTimeUp())) {
      tried += 1
      await turn.run('lose attempt', async () => {
        isLost = await loseJob(deps, stored, why)
      })
    }
    if (isLost) lost += 1
    else leaseHolders.add(stored.job.lease?.workerId ?? '')
  }
  return { lost, leaseHolders }
}

function listWithoutLease({ snapshot }: ReaperContext, holders: ReadonlySet<string>): string[] {
  if (!snapshot.workers.seen) return []
  const working = snapshot.workers.value.filter(({ row }) => !saysFree(row))
  return working.map(({ row }) => row.workerId).filter((workerId) => !holders.has(workerId))
}

/** The running rows from `after` on, as many as one look watches. */
export async function readRunning(deps: ScalerDeps, after: string | undefined): Promise<JobPage> {
  const jobs: StoredJob[] = []
  let next = after
  let isWhole = true
  do {
    const page = await readJobs(deps, {
      index: 'byStatus',
      hash: statusHash('running'),
      limit: ROWS_PER_QUERY,
      ...(next !== undefined && { after: next }),
    })
    jobs.push(...page.jobs.filter(({ job }) => job.status === 'running'))
    next = page.next
    isWhole &&= page.isWhole
  } while (next !== undefined && jobs.length + ROWS_PER_QUERY <= MAX_WATCHED)
  return { jobs, isWhole, ...(next !== undefined && { next }) }
}

function whyLost({ job }: StoredJob, { stoppedTasks, silentIds }: Verdicts): string | undefined {
  const { lease } = job
  if (lease === undefined) return undefined
  if (stoppedTasks.has(lease.taskId)) return `worker ${lease.workerId} has stopped`
  if (!silentIds.has(job.id)) return undefined
  return `worker ${lease.workerId} was silent for its lease of ${lease.leaseSeconds} s`
}

/** The next attempt gets its message at once; an end is told at once. */
async function loseJob(deps: ScalerDeps, stored: StoredJob, message: string): Promise<boolean> {
  const { job } = stored
  const { lease, attempt } = job
  if (lease === undefined) return false
  const seen: SeenLease = { workerId: lease.workerId, attempt, beat: lease.beat }
  const end = { reason: 'worker-lost', message } as const
  const target = { id: job.id, known: stored }
  const change = await changeJob(deps.table, target, (current) =>
    lose(current, { seen, end }, deps.clock.now()),
  )
  if (!change.ok) return false
  deps.log.warn('attempt lost', { jobId: job.id, attempt, why: message })
  if (isEnded(change.stored.job.status)) await sendEnd(deps, change.stored)
  else await sendReady(deps, change.stored)
  return true
}
