import type { Job } from '../../../lib/job/job.ts'
import { jobOf } from '../world/read-jobs.ts'
import type { Invariant } from './invariant.ts'

export const oneRunAtATime: Invariant = {
  name: 'one-run-at-a-time',
  sentence: 'two attempts of a job never run at once, and nothing of it runs once it has ended',
  watch: (world, fail) => ({
    afterStep() {
      const going = world.runs.filter(({ endedAtMs }) => endedAtMs === undefined)
      for (const run of going) {
        const name = world.nameOf(run.jobId)
        const other = going.find((each) => each !== run && each.jobId === run.jobId)
        if (other !== undefined) {
          fail(`attempts ${run.attempt} and ${other.attempt} of ${name} run at once`)
        }
        const job = world.jobs().find(({ id }) => id === run.jobId)
        if (job?.end !== undefined)
          fail(`${name} is ${job.status}, and attempt ${run.attempt} runs`)
        else if (job?.status !== 'running' || job.attempt !== run.attempt) {
          fail(`attempt ${run.attempt} of ${name} runs although the job is ${job?.status}`)
        }
      }
    },
  }),
}

export const lostOnlyWhenSilent: Invariant = {
  name: 'lost-only-when-silent',
  sentence: 'an attempt is given up only where its worker stopped, or was silent for its lease',
  watch: (world, fail) => {
    const heardAtMs = new Map<string, number>()
    return {
      onRow(before, after, by) {
        const [was, is] = [jobOf(before), jobOf(after)]
        if (is?.lease !== undefined && differs(was?.lease, is.lease)) {
          heardAtMs.set(is.id, world.time.nowMs)
        }
        if (was?.lease === undefined || is === undefined || is.lease !== undefined) return
        const isLoss = is.attempts.at(-1)?.reason === 'worker-lost'
        if (!isLoss || by?.process.name.startsWith('w') === true) return
        const { taskId, leaseSeconds } = was.lease
        const task = world.fleet.tasks.find((each) => each.taskId === taskId)
        const silentMs = world.time.nowMs - (heardAtMs.get(is.id) ?? 0)
        if (task?.state === 'stopped' || silentMs >= leaseSeconds * 1000) return
        fail(`${world.nameOf(is.id)} was given up, and heard of ${silentMs} ms before`)
      },
    }
  },
}

function differs(one: Job['lease'], other: Job['lease']): boolean {
  return one?.beat !== other?.beat || one?.workerId !== other?.workerId
}

/** Deviations that take a worker or its time away; anything else a job must survive unharmed. */
const COSTS_AN_ATTEMPT = /^(crash|freeze|hang|jump|late|slow|ghost|delay|drop|start stop)/

export const shortAbsencesCostNothing: Invariant = {
  name: 'short-absences-cost-nothing',
  sentence: 'a store, queue, agent or fleet that fails for a moment costs no attempt',
  watch: (world, fail) => ({
    onRow(_before, after) {
      const job = jobOf(after)
      if (job === undefined || job.attempts.length === 0) return
      if (world.scenario.actors?.some((actor) => actor.startsWith('stop')) === true) return
      const mayCost = world.schedule.some(
        ({ at, do: what }) => COSTS_AN_ATTEMPT.test(what) || at.includes(' model.'),
      )
      if (mayCost) return
      const bad = job.attempts.find(
        ({ reason }) => reason === 'worker-lost' || reason === 'released',
      )
      if (bad !== undefined)
        fail(`${world.nameOf(job.id)} lost attempt ${bad.attempt}: ${bad.message}`)
    },
  }),
}
