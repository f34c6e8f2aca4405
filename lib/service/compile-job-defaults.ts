import type { TaskType } from '../job/job.ts'
import type { ServiceJson } from './schema/service-schema.ts'
import type { JobDefaults } from './service.ts'

const QUERY_RUN_SECONDS = 600
const MS_PER_SECOND = 1000

/** Limits and retries of the jobs that set none of their own. */
export function compileJobDefaults(json: ServiceJson): Record<TaskType, JobDefaults> {
  return { command: compileOne(json, 'command'), query: compileOne(json, 'query') }
}

function compileOne({ metadata, queue, scalable_job: ours }: ServiceJson, taskType: TaskType) {
  const limits = ours.limits[taskType]
  const retry = ours.retry[taskType]
  const { keepalive } = metadata.rpc
  const queryRunSeconds = keepalive === undefined ? QUERY_RUN_SECONDS : keepalive / MS_PER_SECOND
  return {
    limits: {
      runSeconds: limits.run_seconds ?? queryRunSeconds,
      queueSeconds: limits.queue_seconds,
      graceSeconds: limits.grace_seconds,
    },
    retry: {
      maxRetries: retry.max_retries ?? (queue.max_delivery ?? 1) - 1,
      maxLosses: retry.max_losses,
      backoffSeconds: retry.backoff_seconds,
    },
    checkpointSeconds: ours.checkpoint_seconds,
  }
}
