import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Stage } from '../stage.ts'
import type { JobPlan } from '../job-plan.ts'
import type { KnownJobs } from '../known-jobs.ts'
import { noteJob } from '../note-job.ts'
import type { Random } from '../../support/random.ts'
import { persist } from './persist.ts'

const REPEATS = 3
const MAX_ABSENCE_MS = 15_000

export interface SubmitDeps {
  readonly arena: Stage
  readonly jobs: KnownJobs
  readonly random: Random
}

/**
 * Brings one job into the service, the way its client behaves. Resolves when the service has
 * answered; every plan becomes one job in the end, however often its client was cut off.
 */
export async function submit(deps: SubmitDeps, plan: JobPlan): Promise<string> {
  const { arena, jobs, random } = deps
  const key = `campaign-${plan.n}`
  jobs.plan(plan)
  if (plan.client === 'vanish') await vanish(deps, { plan, key })
  const ids = await Promise.all(
    Array.from({ length: plan.client === 'repeat' ? REPEATS : 1 }, () => ask(deps, { plan, key })),
  )
  const [jobId = ''] = ids
  if (plan.client === 'repeat') {
    arena.fault('client repeats')
    void sleep(random.int(0, MAX_ABSENCE_MS)).then(() => ask(deps, { plan, key }))
  }
  if (plan.cancelAfterMs !== undefined) void cancel(arena, jobId, plan.cancelAfterMs)
  return jobId
}

/** Notes every answer: two jobs by one key would be one too many. */
async function ask(
  deps: SubmitDeps,
  { plan, key }: { plan: JobPlan; key: string },
): Promise<string> {
  const { id } = await persist(() => {
    return deps.arena.service.client.submit(plan.body, { idempotencyKey: key })
  })
  return noteJob(deps, { jobId: id, n: plan.n }).jobId
}

/** Sends the request and hangs up, now or a little later; comes back after a while. */
async function vanish(
  { arena, random }: SubmitDeps,
  { plan, key }: { plan: JobPlan; key: string },
): Promise<void> {
  arena.fault('client vanishes')
  arena.ledger.record({ what: 'unanswered', at: Date.now(), kind: plan.kind })
  const { url, token } = arena.address
  const asking = request(`${url}/jobs`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    },
  })
  asking.on('error', () => undefined)
  asking.end(JSON.stringify(plan.body))
  await sleep(random.int(0, 30))
  asking.destroy()
  await sleep(random.int(0, MAX_ABSENCE_MS))
}

async function cancel(arena: Stage, jobId: string, afterMs: number): Promise<void> {
  await sleep(afterMs)
  await persist(() => arena.service.client.cancel(jobId))
}
