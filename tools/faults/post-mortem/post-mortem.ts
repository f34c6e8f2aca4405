import type { JobView } from '../../../lib/api/contract/job-view-schema.ts'
import { mapAtOnce } from '../../../lib/pace/map-at-once.ts'
import type { Stage } from '../stage.ts'
import type { KnownJob, KnownJobs } from '../known-jobs.ts'
import { type Effect, readEffects } from '../watch/effects.ts'
import { inspectJob } from '../watch/inspect-job.ts'
import { readWorkerRecords } from '../watch/worker-records.ts'
import { findStopped, findStoppedBusy } from './find-stopped-busy.ts'
import { findUntruths } from './find-untruths.ts'
import type { LossCauses } from './find-uncaused.ts'
import { readGaps, readJobLog } from './read-job-log.ts'

const AT_ONCE = 8

/** With everything at rest: puts what the jobs themselves noted beside what the service says. */
export async function holdPostMortem(arena: Stage, jobs: KnownJobs): Promise<void> {
  const effects = readEffects(arena.effectsFile)
  for (const { at, jobId, attempt, effect } of effects) {
    arena.ledger.record({ what: 'effect', at, jobId, attempt, effect })
  }
  const records = readWorkerRecords(arena.workersFile)
  const { outages } = arena
  for (const event of findStopped({ records, outages })) arena.ledger.record(event)
  for (const event of findStoppedBusy({ records, effects, outages })) arena.ledger.record(event)
  const causes: LossCauses = {
    outages,
    taskOf: new Map(records.map(({ workerId, taskId }) => [workerId, taskId])),
  }
  const byJob = Map.groupBy(effects, ({ jobId }) => jobId)
  await mapAtOnce(jobs.all, AT_ONCE, (job) => {
    return examine(arena, job, { causes, effects: byJob.get(job.jobId) ?? [] })
  })
}

async function examine(
  arena: Stage,
  job: KnownJob,
  { causes, effects }: { causes: LossCauses; effects: readonly Effect[] },
): Promise<void> {
  const { jobId, plan } = job
  const at = Date.now()
  const inspected = await inspectJob(arena, job)
  for (const why of findUntruths({ plan, inspected, effects, causes })) {
    arena.ledger.record({ what: 'untrue', at, jobId, why })
  }
  noteRetries(arena, inspected.view)
  await readLosses(arena, inspected.view)
  await compareLog(arena, job, inspected.view)
}

/** Nobody can tell what a worker took along that was lost; the log has to say so. */
async function readLosses(arena: Stage, { id, taskType, attempts }: JobView): Promise<void> {
  const lost = attempts.filter(({ reason }) => reason === 'worker-lost')
  if (taskType !== 'command' || lost.length === 0) return
  const numbers = lost.map(({ attempt }) => attempt)
  const marked = await readGaps(arena, id, numbers)
  for (const attempt of numbers) {
    const isTold = marked.has(attempt)
    arena.ledger.record({ what: 'loss-read', at: Date.now(), jobId: id, isTold })
  }
}

/** Every attempt but the last was followed by another. */
function noteRetries({ ledger }: Stage, { id, attempts, attempt: last }: JobView): void {
  for (const { attempt, reason = 'unknown' } of attempts) {
    if (attempt === last) continue
    ledger.record({ what: 'retried', at: Date.now(), jobId: id, cause: reason })
  }
}

async function compareLog(arena: Stage, { jobId, plan }: KnownJob, view: JobView): Promise<void> {
  const { log } = plan.expected
  if (log === undefined || view.status !== 'succeeded') return
  const { strange, ...read } = await readJobLog(arena, { jobId, attempt: view.attempt }, log)
  const at = Date.now()
  const wroteBytes = log.lines * log.lineBytes
  arena.ledger.record({ what: 'log-read', at, jobId, wroteBytes, ...read })
  if (strange === 0) return
  const why = `${strange} lines of its log stand there twice or are not its own`
  arena.ledger.record({ what: 'untrue', at, jobId, why })
}
