import { isEnded } from '../../job/job.ts'
import { type SeenLease, lose } from '../../job/life/attempt-end.ts'
import { changeJob } from '../../job/store/change-job.ts'
import type { StoredJob } from '../../job/store/job-row.ts'
import { sendEnd } from '../../job/store/send-end.ts'
import { sendReady } from '../../job/store/send-ready.ts'
import { saysFree } from '../../scaling/find-abandoned.ts'
import { statusHash } from '../../job/keys.ts'
import { type Nominated, readNominated } from '../read-nominated.ts'
import type { ScalerDeps } from '../look/scaler-deps.ts'
import type { ReaperContext } from './reaper-context.ts'
import { findStoppedTasks } from './find-stopped-tasks.ts'
import { judgeLeases, type LeaseMemory } from './judge-leases.ts'

/** Running jobs that are watched at a time; at about 60 bytes each they fit the scaler's row. */
const MAX_WATCHED = 2000
const ROWS_PER_QUERY = 1000

export interface LostFound {
  readonly lost: number
  /** Workers that still hold a lease, where all running rows were read. */
  readonly holders?: ReadonlySet<string>
  /** Workers that do not say they are free and hold none, where all running rows were read. */
  readonly withoutLease?: readonly string[]
  readonly running: number
  /** Tasks that have certainly stopped. */
  readonly stopped: ReadonlySet<string>
  readonly memory: LeaseMemory
}

/**
 * Ends attempts whose worker is gone: at once where the fleet says that its task has stopped, and
 * after the lease where its beat stands still. The verdict is written on the condition that attempt
 * and beat are still those that were judged.
 */
export async function findLost(context: ReaperContext): Promise<LostFound> {
  const { deps, memory, budget, steps } = context
  const scan = await readRunning(deps, memory.windowAfter)
  const nowMs = deps.clock.now()
  const { lookSeconds } = deps.service().timing
  const jobs = scan.jobs.map(({ job }) => job)
  const judged = judgeLeases(memory, { ...scan, jobs }, { nowMs, lookSeconds })
  const stopped = await findStoppedTasks(context, jobs)
  const silentIds = new Set(judged.silent.map((job) => job.id))
  const holders = new Set<string>()
  // Counted from here: reads that are slow, look after look, must not keep the lost from being found.
  const turn = budget.half()
  let tried = 0
  let lost = 0
  for (const stored of scan.jobs) {
    const why = whyLost(stored, { stopped, silentIds })
    let isLost = false
    if (why !== undefined && (tried === 0 || !turn.isSpent())) {
      tried += 1
      await steps.run('lose', async () => {
        isLost = await loseJob(deps, stored, why)
      })
    }
    if (isLost) lost += 1
    else holders.add(stored.job.lease?.workerId ?? '')
  }
  const isComplete = scan.next === undefined && memory.windowAfter === undefined
  return {
    lost,
    ...(isComplete && { holders, withoutLease: listWithoutLease(context, holders) }),
    running: jobs.length,
    stopped,
    memory: judged.memory,
  }
}

function listWithoutLease({ sensed }: ReaperContext, holders: ReadonlySet<string>): string[] {
  if (!sensed.workers.seen) return []
  const working = sensed.workers.value.filter(({ row }) => !saysFree(row))
  return working.map(({ row }) => row.workerId).filter((workerId) => !holders.has(workerId))
}

/** The running rows from `after` on, as many as one look watches. */
export async function readRunning(
  { table }: ScalerDeps,
  after: string | undefined,
): Promise<Nominated> {
  const jobs: StoredJob[] = []
  let next = after
  do {
    const page = await readNominated(table, {
      index: 'byStatus',
      hash: statusHash('running'),
      limit: ROWS_PER_QUERY,
      ...(next !== undefined && { after: next }),
    })
    jobs.push(...page.jobs.filter(({ job }) => job.status === 'running'))
    next = page.next
  } while (next !== undefined && jobs.length + ROWS_PER_QUERY <= MAX_WATCHED)
  return { jobs, ...(next !== undefined && { next }) }
}

interface Verdicts {
  readonly stopped: ReadonlySet<string>
  readonly silentIds: ReadonlySet<string>
}

function whyLost({ job }: StoredJob, { stopped, silentIds }: Verdicts): string | undefined {
  const { lease } = job
  if (lease === undefined) return undefined
  if (stopped.has(lease.taskId)) return `worker ${lease.workerId} has stopped`
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
