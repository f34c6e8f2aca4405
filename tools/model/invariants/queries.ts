import { jobOf } from '../world/read-jobs.ts'
import type { Invariant } from './invariant.ts'

export const askedByHolders: Invariant = {
  name: 'asked-by-holders',
  sentence: 'only the holder of a query asks for it, and waits for it no longer than it holds it',
  watch: (world, fail) => ({
    onAsk({ jobId, attempt, worker }) {
      const job = world.jobs().find(({ id }) => id === jobId)
      if (job?.attempt === attempt && job.lease?.workerId === worker.name) return
      const name = world.nameOf(jobId)
      fail(`${worker.name} asks for attempt ${attempt} of ${name}, and ${job?.status} it is`)
    },
    afterStep() {
      // Nobody can take a query back from a server whose worker stands still.
      const open = world.asks.filter(
        ({ endedAtMs, worker }) =>
          endedAtMs === undefined && worker.main.frozenUntilMs <= world.time.nowMs,
      )
      for (const ask of open) {
        const other = open.find((each) => each !== ask && each.jobId === ask.jobId)
        if (other === undefined) continue
        const name = world.nameOf(ask.jobId)
        fail(`attempts ${ask.attempt} and ${other.attempt} of ${name} are waited for at once`)
      }
    },
  }),
}

export const resultsAreAnswers: Invariant = {
  name: 'results-are-answers',
  sentence: 'a query succeeds only with what the model server answered to that attempt',
  watch: (world, fail) => ({
    onRow(before, after) {
      const [was, is] = [jobOf(before), jobOf(after)]
      if (is?.taskType !== 'query' || is.status !== 'succeeded') return
      if (was?.status === 'succeeded') return
      const name = world.nameOf(is.id)
      const { answer } = world.asks.findLast((ask) => isOf(ask, is)) ?? {}
      const isGood = answer?.kind === 'answered' && answer.statusCode < 300
      if (!isGood) fail(`${name} succeeded, and the model server answered otherwise`)
      const body = world.files.files.get(is.result?.key ?? '')?.body.toString()
      if (body !== `${is.id} ${is.attempt}`) fail(`the result of ${name} is ${String(body)}`)
    },
  }),
}

export const refusalsCostNothing: Invariant = {
  name: 'refusals-cost-nothing',
  sentence: 'a query that its model server never saw costs the job no attempt',
  watch: (world, fail) => ({
    onRow(_before, after) {
      const job = jobOf(after)
      if (job?.end?.reason !== 'model-unreachable') return
      const asks = world.asks.filter(({ jobId }) => jobId === job.id)
      const wasSeen = asks.some(({ answer }) => answer?.kind !== 'refused')
      if (!wasSeen && asks.length < 5) fail(`${world.nameOf(job.id)} failed, and was never seen`)
    },
  }),
}

function isOf(
  ask: { readonly jobId: string; readonly attempt: number },
  job: { readonly id: string; readonly attempt: number },
): boolean {
  return ask.jobId === job.id && ask.attempt === job.attempt
}
