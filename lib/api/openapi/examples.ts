import { EXAMPLE_JOB_ID } from '../contract/job-view-schema.ts'
import { makeLinks } from '../contract/job-view.ts'

const ACCEPTED_AT = '2026-01-01T12:00:00.000Z'

/** A job as the documents show it. */
export const EXAMPLE_JOB = {
  id: EXAMPLE_JOB_ID,
  service: 'digits',
  tenant: 'default',
  taskType: 'command',
  status: 'queued',
  attempt: 0,
  acceptedAt: ACCEPTED_AT,
  queuedAt: ACCEPTED_AT,
  waitSeconds: 0.2,
  input: { bytes: 28 },
  env: { EPOCHS: '10' },
  tags: { experiment: 'lr-3e4' },
  limits: { runSeconds: 0, queueSeconds: 0, graceSeconds: 30 },
  retry: { maxRetries: 0, maxLosses: 5, backoffSeconds: 10 },
  checkpointSeconds: 30,
  logToQueue: true,
  retriesUsed: 0,
  lossesUsed: 0,
  attempts: [],
  links: makeLinks(EXAMPLE_JOB_ID),
} as const

export const EXAMPLE_ENDED_JOB = {
  ...EXAMPLE_JOB,
  status: 'canceled',
  endedAt: '2026-01-01T12:00:05.000Z',
  waitSeconds: 5,
  reason: 'canceled-by-user',
  message: 'canceled while it was waiting',
} as const

export const EXAMPLE_PUT_ANSWERS = {
  text: EXAMPLE_JOB_ID,
  json: {
    jobId: EXAMPLE_JOB_ID,
    index: EXAMPLE_JOB_ID,
    requestId: EXAMPLE_JOB_ID,
    taskType: 'command',
    links: makeLinks(EXAMPLE_JOB_ID),
    ignored: [],
  },
} as const

export const EXAMPLE_SERVICE = {
  name: 'digits',
  type: 'ScalableJob',
  version: '3f9a1c0b77de',
  apiVersion: '0.1.0',
  taskTypes: ['command', 'query'],
  startedAt: ACCEPTED_AT,
  uptimeSeconds: 60,
  waiting: 1,
  queues: { command: { visible: 1, inFlight: 0, delayed: 0 } },
  workers: [],
  fleet: {
    sides: {
      a: { version: '3f9a1c0b77de', desired: 0, running: 0, pending: 0 },
      b: { desired: 0, running: 0, pending: 0 },
    },
    tasks: [],
    latestVersion: '3f9a1c0b77de',
  },
  decisions: [],
  scaling: { min: 0, max: 4 },
  slots: { command: 1, query: 5, queriesBesideCommand: false },
  intake: { inlineBytes: 65_536, bodyBytes: 4_194_304, maxWaitingJobs: 100_000 },
  ignored: [],
  notObserved: [],
} as const
