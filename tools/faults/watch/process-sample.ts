import { setTimeout as sleep } from 'node:timers/promises'
import { finish } from '../../../lib/processes/in-slices.ts'
import { readEnvironment, scanProcesses } from '../../../lib/processes/read-process.ts'
import type { Stage } from '../stage.ts'
import type { KnownJobs } from '../known-jobs.ts'

const PERIOD_MS = 1000

interface JobProcess {
  readonly pid: number
  readonly jobId: string
  readonly attempt: number
}

/**
 * Looks at the process table once a second, until the signal and once more after it: a process of a
 * job that had ended, or of two attempts at one moment, goes into the ledger.
 */
export async function sampleProcesses(
  arena: Stage,
  jobs: KnownJobs,
  signal: AbortSignal,
): Promise<void> {
  const seen = new Set<string>()
  do {
    noteOrphans(arena, jobs)
    noteTwoAtOnce(arena, jobs, seen)
    await sleep(PERIOD_MS, undefined, { signal }).catch(() => undefined)
  } while (!signal.aborted)
  noteOrphans(arena, jobs)
}

function noteOrphans({ ledger }: Stage, jobs: KnownJobs): void {
  const ended = jobs.all.filter(({ toldAtMs, shownAtMs }) => (toldAtMs ?? shownAtMs) !== undefined)
  // Known before the look: whatever is found now ran after its end.
  const ids = new Set(ended.map(({ jobId }) => jobId))
  for (const { pid, jobId } of findJobProcesses()) {
    if (ids.has(jobId)) ledger.record({ what: 'orphan', at: Date.now(), jobId, pid })
  }
}

function noteTwoAtOnce({ ledger }: Stage, jobs: KnownJobs, seen: Set<string>): void {
  // Another service on this machine may run jobs too.
  const found = findJobProcesses().filter(({ jobId }) => jobs.find(jobId) !== undefined)
  noteSeen(ledger, found, seen)
  const latest = new Map<string, number>()
  for (const { jobId, attempt } of found) {
    latest.set(jobId, Math.max(latest.get(jobId) ?? 0, attempt))
  }
  for (const each of found) {
    const isEarlier = each.attempt < (latest.get(each.jobId) ?? 0)
    // Still there after the later one was seen: the two did run at one moment.
    if (!isEarlier || readJob(each.pid)?.attempt !== each.attempt) continue
    ledger.record({ what: 'two-at-once', at: Date.now(), jobId: each.jobId })
  }
}

function noteSeen(ledger: Stage['ledger'], found: readonly JobProcess[], seen: Set<string>): void {
  for (const { jobId } of found) {
    if (seen.has(jobId)) continue
    seen.add(jobId)
    ledger.record({ what: 'process-seen', at: Date.now(), jobId })
  }
}

/** Processes that carry the id of a job in their environment (Linux). */
function findJobProcesses(): JobProcess[] {
  return finish(scanProcesses()).flatMap(({ pid }) => readJob(pid) ?? [])
}

function readJob(pid: number): JobProcess | undefined {
  const environment = readEnvironment(pid).join('\0')
  const jobId = /(?:^|\0)SCALABLE_JOB_ID=(\d+)/.exec(environment)?.[1]
  const attempt = /(?:^|\0)SCALABLE_JOB_ATTEMPT=(\d+)/.exec(environment)?.[1]
  return jobId === undefined ? undefined : { pid, jobId, attempt: Number(attempt) }
}
