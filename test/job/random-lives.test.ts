import fc from 'fast-check'
import { expect, test } from 'vitest'
import { finish, lose } from '../../lib/job/life/attempt-end.ts'
import { beat, claim } from '../../lib/job/life/attempt.ts'
import { confirmEnd, postponeReady, reserveEnd } from '../../lib/job/life/delivery.ts'
import { expireInQueue, requestCancel } from '../../lib/job/life/ending.ts'
import { type Change, isEnded, type Job } from '../../lib/job/job.ts'
import { aJob, NOON_MS } from '../support/a-job.ts'
import { propertyRuns } from '../support/property-runs.ts'

type Step = (job: Job, nowMs: number) => Change<string>

const worker = fc.constantFrom('w1', 'w2')
const attempt = fc.integer({ min: 0, max: 4 })

const aStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ workerId: worker, attempt }).map((by): Step => (job, nowMs) => {
    return claim(job, { ...by, taskId: 't', leaseSeconds: 30 }, nowMs)
  }),
  fc.record({ workerId: worker, attempt }).map(
    (holder): Step =>
      (job) =>
        beat(job, holder, {}),
  ),
  fc
    .record({
      workerId: worker,
      attempt,
      status: fc.constantFrom('succeeded', 'failed', 'canceled'),
    })
    .map(({ status, ...holder }): Step => (job, nowMs) => {
      const end = {
        reason: status === 'succeeded' ? 'completed' : 'exit-code',
        message: '',
      } as const
      return finish(job, { holder, outcome: { status, end, prefix: 'p/', retryable: true } }, nowMs)
    }),
  fc.record({ workerId: worker, attempt }).map((seen): Step => (job, nowMs) => {
    return lose(job, { seen, end: { reason: 'worker-lost', message: '' } }, nowMs)
  }),
  fc.constant<Step>((job, nowMs) => requestCancel(job, 'me', nowMs)),
  fc.constant<Step>((job, nowMs) => expireInQueue(job, nowMs)),
  fc.constant<Step>((job, nowMs) => postponeReady(job, nowMs)),
  fc.constant<Step>((job, nowMs) => reserveEnd(job, nowMs)),
  fc.constant<Step>((job) => confirmEnd(job)),
)

const start = aJob({
  limits: { runSeconds: 0, queueSeconds: 600, graceSeconds: 30 },
  retry: { maxRetries: 1, maxLosses: 1, backoffSeconds: 10 },
})

test('whatever happens in whatever order, ends are final and a lease stands exactly while running', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(aStep, fc.nat(120_000)), { maxLength: 60 }), (steps) => {
      let job = start
      let nowMs = NOON_MS
      for (const [step, passedMs] of steps) {
        nowMs += passedMs
        const change = step(job, nowMs)
        if (!change.ok) continue
        const next = change.job
        checkStep(job, next)
        job = next
      }
    }),
    propertyRuns(2000),
  )
})

function checkStep(before: Job, after: Job): void {
  if (isEnded(before.status)) {
    expect([after.status, after.end]).toEqual([before.status, before.end])
  }
  expect(after.lease !== undefined).toBe(after.status === 'running')
  expect(after.readyAt !== undefined).toBe(after.status === 'queued')
  expect(after.end !== undefined).toBe(isEnded(after.status))
  expect(after.attempt).toBeGreaterThanOrEqual(before.attempt)
  expect(after.retriesUsed).toBeLessThanOrEqual(after.retry.maxRetries)
  if (before.cancel !== undefined) expect(after.status).not.toBe('queued')
}
