import type { Job } from '../../job/job.ts'
import { missedLooks } from '../../scaling/memory.ts'

/** One running job: attempt and beat as first seen, when that was, and whether it ever moved. */
type BeatRecord = readonly [attempt: number, beat: number, sinceMs: number, hasMoved: boolean]

export interface LeaseMemory {
  /** The last look that read the running rows. */
  readonly readAtMs?: number
  /** Where the watched window of running rows begins; absent: at the first. */
  readonly windowAfter?: string
  /** By job. */
  readonly beats: Readonly<Record<string, BeatRecord>>
  /**
   * Workers that do not say they are free and held no lease; absent where not all running rows were
   * read.
   */
  readonly withoutLease?: readonly string[]
}

export interface LeaseScan {
  /** The running jobs of the window. */
  readonly jobs: readonly Job[]
  /** Where the window ends; absent when it reaches the last running row. */
  readonly next?: string
}

export interface LeaseJudgement {
  /** Jobs whose beat stood still for their whole lease. */
  readonly silent: readonly Job[]
  readonly memory: LeaseMemory
}

/**
 * Which leases have fallen silent: the same beat number of the same attempt, for as long as the
 * lease, over looks that really took place. After an absence of the scaler itself it starts anew,
 * and no clock but the scaler's own is read.
 *
 * Where more jobs run than one look can watch, it watches a window of them and moves on once every
 * beat in it has moved (or its job was lost): everybody's turn comes, and memory stays bounded.
 */
export function judgeLeases(
  memory: LeaseMemory,
  scan: LeaseScan,
  { nowMs, lookSeconds }: { readonly nowMs: number; readonly lookSeconds: number },
): LeaseJudgement {
  const isAnew = missedLooks(memory.readAtMs, nowMs, lookSeconds)
  const beats: Record<string, BeatRecord> = {}
  const silent: Job[] = []
  for (const job of scan.jobs) {
    const { lease, attempt } = job
    if (job.status !== 'running' || lease === undefined) continue
    const before = isAnew ? undefined : memory.beats[job.id]
    const now = remember(before, { attempt, beat: lease.beat, nowMs })
    beats[job.id] = now
    if (nowMs - now[2] >= lease.leaseSeconds * 1000) silent.push(job)
  }
  const isDone = Object.values(beats).every(([, , , hasMoved]) => hasMoved)
  const isWindow = scan.next !== undefined || memory.windowAfter !== undefined
  const after = isWindow && isDone ? scan.next : memory.windowAfter
  return {
    silent,
    memory: { readAtMs: nowMs, beats, ...(after !== undefined && { windowAfter: after }) },
  }
}

function remember(
  before: BeatRecord | undefined,
  { attempt, beat, nowMs }: { attempt: number; beat: number; nowMs: number },
): BeatRecord {
  if (before?.[0] !== attempt) return [attempt, beat, nowMs, false]
  return before[1] === beat ? before : [attempt, beat, nowMs, true]
}
