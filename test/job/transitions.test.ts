import { describe, expect, test } from 'vitest'
import { type AttemptOutcome, finish, lose } from '../../lib/job/life/attempt-end.ts'
import { beat, claim, recordCheckpoint } from '../../lib/job/life/attempt.ts'
import { expireInQueue, requestCancel } from '../../lib/job/life/ending.ts'
import type { Change, Job } from '../../lib/job/job.ts'
import { aJob, NOON_MS } from '../support/a-job.ts'

const BY = { workerId: 'w1', taskId: 't1', leaseSeconds: 300, attempt: 1 }
const HOLDER = { workerId: 'w1', attempt: 1 }
const LOST = { reason: 'worker-lost', message: 'no beat for 300 s' } as const
const RELEASED = { reason: 'released', message: 'the worker was stopped' } as const

function changed(change: Change<string>): Job {
  if (!change.ok) throw new Error(`refused: ${change.why}`)
  return change.job
}

function running(overrides: Partial<Job> = {}): Job {
  return changed(claim(aJob(overrides), BY, NOON_MS))
}

function failed(overrides: Partial<AttemptOutcome> = {}): AttemptOutcome {
  const end = { reason: 'exit-code', message: 'exited with 3', exitCode: 3 } as const
  return { status: 'failed', end, prefix: 'jobs/1/1/', retryable: true, ...overrides }
}

describe('claim', () => {
  test('gives a queued job to one worker, as the next attempt, with a lease at beat 0', () => {
    expect(running()).toMatchObject({
      status: 'running',
      attempt: 1,
      lease: { workerId: 'w1', taskId: 't1', beat: 0, leaseSeconds: 300 },
    })
  })

  test.each([
    ['a running job', running(), 'running'],
    ['an ended job', aJob({ status: 'succeeded' }), 'ended'],
    [
      'a job whose end was asked for',
      aJob({ cancel: { requestedAt: '', by: 'me' } }),
      'cancel-requested',
    ],
    ['an attempt that has passed already', aJob({ attempt: 1 }), 'other-attempt'],
  ])('refuses %s', (_name, job, why) => {
    expect(claim(job, BY, NOON_MS)).toEqual({ ok: false, why })
  })
})

describe('the lease fences every later write of the attempt', () => {
  test('a beat counts up and carries progress', () => {
    const progress = { fraction: 0.5, note: 'epoch 5', at: '2026-01-01T12:00:10.000Z' }
    const job = changed(beat(running(), HOLDER, { progress }))
    expect(job).toMatchObject({ lease: { beat: 1 }, progress })
  })

  test.each([
    ['another worker', { workerId: 'w2', attempt: 1 }],
    ['an earlier attempt', { workerId: 'w1', attempt: 0 }],
  ])('%s can neither beat, nor record a checkpoint, nor finish', (_name, holder) => {
    const job = running()
    const checkpoint = { attempt: 1, number: 1, manifestKey: 'k', bytes: 1, at: '' }
    expect(beat(job, holder, {}).ok).toBe(false)
    expect(recordCheckpoint(job, holder, checkpoint).ok).toBe(false)
    expect(finish(job, { holder, outcome: failed() }, NOON_MS).ok).toBe(false)
  })

  test('an older checkpoint never replaces a newer one of the same attempt', () => {
    const at = '2026-01-01T12:00:00.000Z'
    const two = { attempt: 1, number: 2, manifestKey: 'two', bytes: 1, at }
    const job = changed(recordCheckpoint(running(), HOLDER, two))
    const one = { ...two, number: 1, manifestKey: 'one' }
    expect(recordCheckpoint(job, HOLDER, one)).toEqual({ ok: false, why: 'older' })
  })
})

describe('finish', () => {
  test('ends the job once, names the accepted folder and makes a notification due', () => {
    const outcome: AttemptOutcome = {
      ...failed(),
      status: 'succeeded',
      end: { reason: 'completed', message: 'exited with 0', exitCode: 0 },
    }
    const job = changed(finish(running(), { holder: HOLDER, outcome }, NOON_MS + 1000))
    expect(job).toMatchObject({
      status: 'succeeded',
      acceptedPrefix: 'jobs/1/1/',
      notifyAt: job.endedAt,
      attempts: [{ attempt: 1, reason: 'completed' }],
    })
    expect(job.lease).toBeUndefined()
    expect(finish(job, { holder: HOLDER, outcome }, NOON_MS).ok).toBe(false)
  })

  test('a failure goes back to waiting while retries last, with a delay that doubles', () => {
    const retry = { maxRetries: 2, maxLosses: 0, backoffSeconds: 10 }
    const first = changed(
      finish(running({ retry }), { holder: HOLDER, outcome: failed() }, NOON_MS),
    )
    expect(first).toMatchObject({ status: 'queued', attempt: 1, retriesUsed: 1 })
    expect(first.readyAt).toBe('2026-01-01T12:00:10.000Z')

    const again = changed(claim(first, { ...BY, attempt: 2 }, NOON_MS))
    const holder = { workerId: 'w1', attempt: 2 }
    const second = changed(finish(again, { holder, outcome: failed() }, NOON_MS))
    expect(second.readyAt).toBe('2026-01-01T12:00:20.000Z')
  })

  test('a failure that a further attempt cannot mend ends the job at once', () => {
    const retry = { maxRetries: 5, maxLosses: 0, backoffSeconds: 10 }
    const outcome = failed({ retryable: false })
    const job = changed(finish(running({ retry }), { holder: HOLDER, outcome }, NOON_MS))
    expect(job).toMatchObject({ status: 'failed', retriesUsed: 0 })
  })

  test('a job whose end was asked for ends canceled and is never tried again', () => {
    const retry = { maxRetries: 5, maxLosses: 5, backoffSeconds: 10 }
    const asked = changed(requestCancel(running({ retry }), 'me', NOON_MS))
    const job = changed(finish(asked, { holder: HOLDER, outcome: failed() }, NOON_MS))
    expect(job).toMatchObject({ status: 'canceled', end: { reason: 'canceled-by-user' } })
  })

  test('a success that came before the cancel took effect stays a success', () => {
    const asked = changed(requestCancel(running(), 'me', NOON_MS))
    const end = { reason: 'completed', message: 'exited with 0', exitCode: 0 } as const
    const outcome = failed({ status: 'succeeded', end })
    const job = changed(finish(asked, { holder: HOLDER, outcome }, NOON_MS))
    expect(job).toMatchObject({ status: 'succeeded', end: { reason: 'completed' } })
  })
})

describe('cancel', () => {
  test('ends a waiting job at once', () => {
    const job = changed(requestCancel(aJob(), 'me', NOON_MS))
    expect(job).toMatchObject({ status: 'canceled', end: { reason: 'canceled-by-user' } })
    expect(job.readyAt).toBeUndefined()
  })

  test('only asks a running job, which stays running until its worker says that it is over', () => {
    const job = changed(requestCancel(running(), 'me', NOON_MS))
    expect(job).toMatchObject({ status: 'running', cancel: { by: 'me' } })
    expect(requestCancel(job, 'me', NOON_MS)).toEqual({ ok: false, why: 'already' })
  })

  test('says so when the job has ended', () => {
    const job = aJob({ status: 'failed' })
    expect(requestCancel(job, 'me', NOON_MS)).toEqual({ ok: false, why: 'ended' })
  })
})

describe('a lost attempt', () => {
  const seen = { workerId: 'w1', attempt: 1, beat: 0 }

  test('goes back to waiting at once and costs one loss', () => {
    const job = changed(lose(running(), { seen, end: LOST }, NOON_MS))
    expect(job).toMatchObject({ status: 'queued', attempt: 1, lossesUsed: 1, retriesUsed: 0 })
    expect(job.readyAt).toBe('2026-01-01T12:00:00.000Z')
  })

  test('tells which checkpoint the next attempt was given', () => {
    const checkpoint = { attempt: 1, number: 4, manifestKey: 'k', bytes: 1, at: '' }
    const kept = changed(recordCheckpoint(running(), HOLDER, checkpoint))
    const lost = changed(lose(kept, { seen, end: LOST }, NOON_MS))
    const again = changed(claim(lost, { ...BY, attempt: 2 }, NOON_MS))
    const holder = { workerId: 'w1', attempt: 2 }
    const job = changed(finish(again, { holder, outcome: failed() }, NOON_MS))
    expect(job.attempts.map(({ resumedFrom }) => resumedFrom)).toEqual([
      undefined,
      { attempt: 1, number: 4 },
    ])
    expect(job.resumedFrom).toBeUndefined()
  })

  test('ends the job once the loss budget is used up', () => {
    const job = changed(lose(running({ lossesUsed: 3 }), { seen, end: LOST }, NOON_MS))
    expect(job).toMatchObject({ status: 'failed', end: { reason: 'worker-lost' } })
  })

  test('costs nothing when the worker gave it back, or when this attempt left a checkpoint', () => {
    const back = changed(lose(running({ lossesUsed: 3 }), { seen, end: RELEASED }, NOON_MS))
    expect(back).toMatchObject({ status: 'queued', lossesUsed: 3 })
    const checkpoint = { attempt: 1, number: 1, manifestKey: 'k', bytes: 1, at: '' }
    const kept = changed(recordCheckpoint(running({ lossesUsed: 3 }), HOLDER, checkpoint))
    const job = changed(lose(kept, { seen, end: LOST }, NOON_MS))
    expect(job).toMatchObject({ status: 'queued', lossesUsed: 3 })
  })

  test('is not declared when a beat came after the verdict was formed', () => {
    const alive = changed(beat(running(), HOLDER, {}))
    expect(lose(alive, { seen, end: LOST }, NOON_MS)).toEqual({ ok: false, why: 'stale' })
  })

  test('whose cancel was asked for ends canceled instead of running again', () => {
    const asked = changed(requestCancel(running(), 'me', NOON_MS))
    const job = changed(lose(asked, { seen, end: LOST }, NOON_MS))
    expect(job).toMatchObject({ status: 'canceled', end: { reason: 'canceled-by-user' } })
  })
})

describe('waiting', () => {
  test('a wait limit counts only before the first attempt', () => {
    const limits = { runSeconds: 0, queueSeconds: 60, graceSeconds: 30 }
    const late = NOON_MS + 60_000
    expect(changed(expireInQueue(aJob({ limits }), late))).toMatchObject({
      status: 'failed',
      end: { reason: 'expired-in-queue' },
    })
    expect(expireInQueue(aJob({ limits, attempt: 1 }), late).ok).toBe(false)
    expect(expireInQueue(aJob({ limits }), late - 1).ok).toBe(false)
  })
})
