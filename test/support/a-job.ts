import { type Job, toTimestamp } from '../../lib/job/job.ts'

/** Noon of the day on which all test jobs are accepted. */
export const NOON_MS = Date.parse('2026-01-01T12:00:00.000Z')

/** A queued command job, with whatever the test cares about. */
export function aJob(overrides: Partial<Job> = {}): Job {
  return {
    id: '3711718195200000001',
    service: 'digits',
    tenant: 'default',
    taskType: 'command',
    status: 'queued',
    attempt: 0,
    acceptedAt: toTimestamp(NOON_MS),
    queuedAt: toTimestamp(NOON_MS),
    input: { kind: 'row', bytes: 9 },
    env: {},
    tags: {},
    limits: { runSeconds: 0, queueSeconds: 0, graceSeconds: 30 },
    retry: { maxRetries: 0, maxLosses: 3, backoffSeconds: 10 },
    checkpointSeconds: 30,
    logToQueue: false,
    retriesUsed: 0,
    lossesUsed: 0,
    attempts: [],
    readyAt: toTimestamp(NOON_MS),
    readySent: 0,
    notificationsSent: 0,
    ...overrides,
  }
}
