import { describe, expect, test } from 'vitest'
import { toJobView, toResultSummary } from '../../lib/api/contract/job-view.ts'
import { jobViewSchema, resultSummarySchema } from '../../lib/api/contract/job-view-schema.ts'
import { lose } from '../../lib/job/life/attempt-end.ts'
import { beat, recordCheckpoint } from '../../lib/job/life/attempt.ts'
import { requestCancel } from '../../lib/job/life/ending.ts'
import type { Change, Job } from '../../lib/job/job.ts'
import { aJob, NOON_MS } from '../support/a-job.ts'
import { anEnded, aRunning } from './a-life.ts'

const ID = '3711718195200000001'
const LINKS = {
  self: `/jobs/${ID}`,
  logs: `/jobs/${ID}/logs`,
  result: `/jobs/${ID}/result`,
  artifacts: `/jobs/${ID}/artifacts`,
}
const NOON = '2026-01-01T12:00:00.000Z'

function changed(change: Change<string>): Job {
  if (!change.ok) throw new Error(change.why)
  return change.job
}

function lost(job: Job, atMs: number): Job {
  const seen = { workerId: 'w1', attempt: job.attempt }
  const end = { reason: 'worker-lost', message: 'gone' } as const
  return changed(lose(job, { seen, end }, atMs))
}

describe('the view of a job', () => {
  test('that waits says since when, and what was asked for', () => {
    const view = toJobView(aJob({ tags: { a: 'b' } }), NOON_MS + 7250)
    expect(view).toEqual({
      id: ID,
      service: 'digits',
      tenant: 'default',
      taskType: 'command',
      status: 'queued',
      attempt: 0,
      acceptedAt: NOON,
      queuedAt: NOON,
      waitSeconds: 7.25,
      input: { bytes: 9 },
      env: {},
      tags: { a: 'b' },
      limits: { runSeconds: 0, queueSeconds: 0, graceSeconds: 30 },
      retry: { maxRetries: 0, maxLosses: 3, backoffSeconds: 10 },
      checkpointSeconds: 30,
      logToQueue: false,
      retriesUsed: 0,
      lossesUsed: 0,
      attempts: [],
      links: LINKS,
    })
  })

  test('that runs says for how long, where, and how far it has come', () => {
    const holder = { workerId: 'w1', attempt: 1 }
    const progress = { fraction: 0.5, note: 'half', at: NOON }
    const logs = { stdoutBytes: 1, stderrBytes: 2, cutBytes: 3, lostBytes: 3, chunks: 4 }
    const checkpoint = { attempt: 1, number: 2, manifestKey: 'secret', bytes: 5, at: NOON }
    const beaten = changed(beat(aRunning(), holder, { progress, logs }))
    const job = changed(recordCheckpoint(beaten, holder, checkpoint))
    const view = toJobView(changed(requestCancel(job, 'me', NOON_MS + 1000)), NOON_MS + 12_000)
    expect(view).toMatchObject({
      status: 'running',
      attempt: 1,
      startedAt: NOON,
      waitSeconds: 0,
      runSeconds: 12,
      workerId: 'w1',
      cancelRequestedAt: '2026-01-01T12:00:01.000Z',
      progress,
      logs,
    })
    expect(view.checkpoint).toEqual({ attempt: 1, number: 2, bytes: 5, at: NOON })
    expect(view).not.toHaveProperty('lease')
    expect(view).not.toHaveProperty('endedAt')
  })

  test('counts the run time of the present attempt alone, and the wait until the first', () => {
    const second = aRunning({
      ...lost(aRunning({ acceptedAt: '2026-01-01T11:59:50.000Z' }), NOON_MS + 60_000),
    })
    const view = toJobView({ ...second, startedAt: '2026-01-01T12:01:00.000Z' }, NOON_MS + 72_000)
    expect(view).toMatchObject({ attempt: 2, runSeconds: 12, waitSeconds: 10, lossesUsed: 1 })
    expect(view.attempts).toMatchObject([{ attempt: 1, workerId: 'w1', reason: 'worker-lost' }])
  })

  test('that waits again shows the run time of its last attempt, which has ended', () => {
    const view = toJobView(lost(aRunning(), NOON_MS + 60_000), NOON_MS + 90_000)
    expect(view).toMatchObject({ status: 'queued', runSeconds: 60 })
    expect(view).not.toHaveProperty('workerId')
  })

  test('that ended says how, and names its files without their keys', () => {
    const result = { key: 'secret', bytes: 7, contentType: 'text/plain' }
    const artifacts = { manifestKey: 'secret', files: 2, bytes: 8 }
    const end = { reason: 'model-status', message: 'said 503', statusCode: 503 } as const
    const job = anEnded(
      { taskType: 'query', retryOf: '3711718195200000009' },
      { status: 'failed', end, result, artifacts },
    )
    const view = toJobView(job, NOON_MS + 60_000)
    expect(view).toMatchObject({
      ...end,
      status: 'failed',
      endedAt: '2026-01-01T12:00:05.000Z',
      expiresAt: '2026-01-31T12:00:05.000Z',
      runSeconds: 5,
      retryOf: '3711718195200000009',
    })
    expect(view.result).toEqual({ bytes: 7, contentType: 'text/plain' })
    expect(view.artifacts).toEqual({ files: 2, bytes: 8 })
    expect(JSON.stringify(view)).not.toContain('secret')
  })

  test('that ended before it began waited until its end', () => {
    const job = changed(requestCancel(aJob(), 'me', NOON_MS + 30_000))
    const view = toJobView(job, NOON_MS + 90_000)
    expect(view).toMatchObject({ status: 'canceled', waitSeconds: 30 })
    expect(view).not.toHaveProperty('runSeconds')
  })

  test('hides values under names that tell of secrets, in env and headers, and shows the others', () => {
    const request = {
      method: 'PUT',
      path: '/x',
      headers: { 'x-api-key': 'hush', accept: 'text/plain' },
    }
    const input = { kind: 'file', key: 'uploads/default/1', bytes: 5 } as const
    const job = aJob({ request, input, env: { HF_TOKEN: 'hush', EPOCHS: '3' } })
    const view = toJobView(job, NOON_MS)
    expect(view.env).toEqual({ HF_TOKEN: '(hidden)', EPOCHS: '3' })
    expect(view.input).toEqual({ bytes: 5, key: 'uploads/default/1' })
    expect(view.request).toEqual({
      method: 'PUT',
      path: '/x',
      headers: { 'x-api-key': '(hidden)', accept: 'text/plain' },
    })
  })

  test.each([
    ['waits', aJob()],
    ['runs', aRunning()],
    ['ended', anEnded()],
    ['was lost', lost(aRunning(), NOON_MS)],
  ])('is what the reference says, for a job that %s', (_what, job) => {
    expect(() => jobViewSchema.parse(toJobView(job, NOON_MS))).not.toThrow()
    expect(() => resultSummarySchema.parse(toResultSummary(job))).not.toThrow()
  })
})

describe('the summary of a result', () => {
  test('says how the job ended, and counts its files', () => {
    const artifacts = { manifestKey: 'secret', files: 2, bytes: 8 }
    expect(toResultSummary(anEnded({}, { artifacts }))).toEqual({
      jobId: ID,
      taskType: 'command',
      status: 'succeeded',
      attempt: 1,
      reason: 'completed',
      message: 'exited with 0',
      exitCode: 0,
      endedAt: '2026-01-01T12:00:05.000Z',
      artifacts: { files: 2, bytes: 8 },
      links: LINKS,
    })
  })

  test('of a job that has not ended has no end', () => {
    expect(toResultSummary(aRunning())).toEqual({
      jobId: ID,
      taskType: 'command',
      status: 'running',
      attempt: 1,
      links: LINKS,
    })
  })
})
