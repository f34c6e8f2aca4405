import { isEnded, type Job } from '../../../lib/job/job.ts'
import { jobOf } from '../world/read-jobs.ts'
import type { Invariant } from './invariant.ts'

const KEPT_AFTER_END = ['status', 'end', 'endedAt', 'acceptedPrefix', 'attempt', 'result'] as const

export const endsAreFinal: Invariant = {
  name: 'ends-are-final',
  sentence: 'a job gets one end, and nothing changes it',
  watch: (world, fail) => ({
    onRow(before, after, by) {
      const [was, is] = [jobOf(before), jobOf(after)]
      if (was === undefined || !isEnded(was.status)) return
      const who = by?.name ?? 'nobody'
      if (is === undefined) fail(`${who} deleted the row of ${world.nameOf(was.id)}`)
      const changed = KEPT_AFTER_END.filter((key) => differs(was[key], is?.[key]))
      if (changed.length > 0) fail(`${who} changed ${changed.join()} of ${world.nameOf(was.id)}`)
    },
  }),
}

function differs(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) !== JSON.stringify(other)
}

export const stepsAreAllowed: Invariant = {
  name: 'steps-are-allowed',
  sentence: 'a job moves only along its life cycle, and has a lease exactly while it runs',
  watch: (world, fail) => ({
    onRow(before, after) {
      const [was, is] = [jobOf(before), jobOf(after)]
      if (is === undefined) return
      const name = world.nameOf(is.id)
      if ((is.lease !== undefined) !== (is.status === 'running')) {
        fail(`${name} is ${is.status} with${is.lease === undefined ? 'out' : ''} a lease`)
      }
      if (was === undefined) return
      if (is.attempt < was.attempt) fail(`${name} went back to attempt ${is.attempt}`)
      const isClaim = was.status !== 'running' && is.status === 'running'
      if (isClaim !== is.attempt > was.attempt || is.attempt > was.attempt + 1) {
        fail(`${name} went from attempt ${was.attempt} ${was.status} to ${is.attempt} ${is.status}`)
      }
      if (isClaim && was.cancel !== undefined) fail(`${name} was claimed although canceled`)
    },
  }),
}

export const fencedWrites: Invariant = {
  name: 'fenced-writes',
  sentence: 'only the worker that holds an attempt ends it, beats for it or records a checkpoint',
  watch: (world, fail) => ({
    onRow(before, after, by) {
      const [was, is] = [jobOf(before), jobOf(after)]
      if (was === undefined || is === undefined || by === undefined) return
      if (!by.process.name.startsWith('w')) return
      const isOwn = was.lease?.workerId === by.process.name
      const isHeld = was.status === 'running'
      const what = whatChanged(was, is)
      if (isHeld && !isOwn && what !== undefined) {
        fail(`${by.name} ${what} of ${world.nameOf(is.id)}, which ${was.lease?.workerId} holds`)
      }
      if (!isHeld && what === 'recorded a checkpoint') {
        fail(`${by.name} ${what} of ${world.nameOf(is.id)}, which nobody runs`)
      }
    },
  }),
}

function whatChanged(was: Job, is: Job): string | undefined {
  if (differs(was.checkpoint, is.checkpoint)) return 'recorded a checkpoint'
  if (was.lease?.beat !== is.lease?.beat) return 'changed the lease'
  return was.status === is.status ? undefined : 'changed the status'
}

export const budgetsAreCounted: Invariant = {
  name: 'budgets-are-counted',
  sentence: 'each loss and each retry costs its budget once, and no budget is exceeded',
  watch: (world, fail) => ({
    onRow(_before, after) {
      const job = jobOf(after)
      if (job === undefined) return
      const name = world.nameOf(job.id)
      const losses = job.attempts.filter(({ reason }) => reason === 'worker-lost').length
      const hasCheckpoints = job.checkpointSeconds > 0
      const counted = job.lossesUsed
      if (!hasCheckpoints && counted !== losses && job.cancel === undefined) {
        fail(`${name} was lost ${losses} times, and ${counted} were counted`)
      }
      if (job.retriesUsed > job.retry.maxRetries) fail(`${name} was retried too often`)
      if (counted > job.retry.maxLosses + 1) fail(`${name} was lost too often`)
      const isExpired = job.end?.reason === 'expired-in-queue'
      if (isExpired && job.attempt > 0) fail(`${name} expired after its first attempt`)
    },
  }),
}

export const noneIsForgotten: Invariant = {
  name: 'none-is-forgotten',
  sentence: 'a queued job has its next message due, and an ended one its notification',
  watch: (world, fail) => {
    const told = new Set<string>()
    return {
      onSend({ queue, body }) {
        const { kind, jobId } = JSON.parse(body) as { kind?: string; jobId: string }
        if (queue === 'output' && kind === 'end') told.add(jobId)
      },
      onRow(_before, after) {
        const job = jobOf(after)
        if (job === undefined) return
        const name = world.nameOf(job.id)
        if (job.status === 'queued' && job.readyAt === undefined)
          fail(`no message of ${name} is due`)
        if (isEnded(job.status) && job.notifyAt === undefined && !told.has(job.id)) {
          fail(`nobody will be told how ${name} ended`)
        }
      },
    }
  },
}
