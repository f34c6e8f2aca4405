import { isSecretName } from '../../registry/errors.ts'
import { pickChoices } from '../../job/job-choices.ts'
import type { Job } from '../../job/job.ts'
import { isEnded } from '../../job/job.ts'
import type { JobView } from './job-view-schema.ts'

const HIDDEN = '(hidden)'

/** A job as its owner may see it: nothing of the lease but the worker, and no secrets. */
export function toJobView(job: Job, nowMs: number): JobView {
  const { id, service, tenant, taskType, status, attempt, acceptedAt, queuedAt } = job
  return {
    id,
    service,
    tenant,
    taskType,
    status,
    attempt,
    acceptedAt,
    queuedAt,
    ...pick(job, ['startedAt', 'endedAt', 'expiresAt', 'retryOf', 'progress', 'logs']),
    ...describeTimes(job, nowMs),
    ...job.end,
    ...(job.lease && { workerId: job.lease.workerId }),
    ...(job.cancel && { cancelRequestedAt: job.cancel.requestedAt }),
    input: { bytes: job.input.bytes, ...(job.input.kind === 'file' && { key: job.input.key }) },
    ...(job.request && {
      request: { ...job.request, headers: hideSecrets(job.request.headers) },
    }),
    ...pickChoices(job),
    env: hideSecrets(job.env),
    ...pick(job, ['retriesUsed', 'lossesUsed']),
    ...describeFiles(job),
    attempts: job.attempts,
    links: makeLinks(id),
  }
}

export function makeLinks(id: string): JobView['links'] {
  const self = `/jobs/${id}`
  return {
    self,
    logs: `${self}/logs`,
    result: `${self}/result`,
    artifacts: `${self}/artifacts`,
  }
}

function pick<K extends keyof Job>(job: Job, names: readonly K[]): Pick<Job, K> {
  const present = names.filter((name) => job[name] !== undefined)
  return Object.fromEntries(present.map((name) => [name, job[name]])) as Pick<Job, K>
}

function describeTimes(job: Job, nowMs: number): Pick<JobView, 'waitSeconds' | 'runSeconds'> {
  const isRunning = job.status === 'running'
  const ran = isRunning ? { startedAt: job.startedAt, endedAt: undefined } : job.attempts.at(-1)
  return {
    waitSeconds: secondsBetween(job.acceptedAt, findFirstStart(job) ?? job.endedAt ?? nowMs),
    ...(ran?.startedAt !== undefined && {
      runSeconds: secondsBetween(ran.startedAt, ran.endedAt ?? nowMs),
    }),
  }
}

/** Only the last attempts are kept, so a job with very many may not know its first. */
function findFirstStart(job: Job): string | undefined {
  return job.attempts[0]?.startedAt ?? job.startedAt
}

function secondsBetween(from: string, to: string | number): number {
  const toMs = typeof to === 'number' ? to : Date.parse(to)
  return Math.max(Math.round(toMs - Date.parse(from)) / 1000, 0)
}

function describeFiles(job: Job): Pick<JobView, 'result' | 'artifacts' | 'checkpoint'> {
  const { result, artifacts, checkpoint } = job
  return {
    ...(result && { result: { bytes: result.bytes, contentType: result.contentType } }),
    ...(artifacts && { artifacts: { files: artifacts.files, bytes: artifacts.bytes } }),
    ...(checkpoint && {
      checkpoint: {
        attempt: checkpoint.attempt,
        number: checkpoint.number,
        bytes: checkpoint.bytes,
        at: checkpoint.at,
      },
    }),
  }
}

function hideSecrets(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, isSecretName(name) ? HIDDEN : value]),
  )
}

/** What a job came to, for jobs whose answer is no file of its own. */
export function toResultSummary(job: Job) {
  const { id, taskType, status, attempt, end, endedAt } = job
  return {
    jobId: id,
    taskType,
    status,
    attempt,
    ...end,
    ...(isEnded(status) && endedAt !== undefined && { endedAt }),
    ...(job.artifacts && {
      artifacts: { files: job.artifacts.files, bytes: job.artifacts.bytes },
    }),
    links: makeLinks(id),
  }
}
