import { ENV, JOB_ENV } from '../../lib/registry/env.ts'
import { inheritedEnv } from '../../lib/registry/inherited-env.ts'
import type { Job } from '../../lib/job/job.ts'
import type { WorkerService } from '../../lib/service/service.ts'
import type { AttemptFolder } from '../run/attempt-folder.ts'

type Env = Readonly<Record<string, string>>

const OWN_PREFIX = 'SCALABLE_JOB_'

/**
 * In a container: all of the image and of ECS, except what belongs to the worker alone. Of the task
 * that is its agent, its metadata, and the way to the credentials of the task role.
 */
const OWN_IN_A_CONTAINER =
  /^(SCALABLE_JOB_\w*|ECS_AGENT_URI|ECS_CONTAINER_METADATA_URI\w*|AWS_CONTAINER_\w+|NODE_COMPILE_CACHE)$/

/**
 * The environment from which jobs, the model server and the init command start.
 *
 * On one machine it is a short list of names (`lib/registry/inherited-env.ts`): a user's shell holds
 * tokens. In a container (ECS) the environment is the image's own (`ENV` of a Dockerfile) and ECS's,
 * so all of it is passed on, except the worker's own variables. Credentials come
 * from `worker/credentials`, and from nowhere else: an SDK that finds none there must not go on to
 * the role of the machine.
 */
export function makeBaseEnv(
  workerEnv: Readonly<Record<string, string | undefined>>,
  where: 'machine' | 'container',
): Record<string, string> {
  // Live logs are live only when Python does not hold its output back.
  const unbuffered = { PYTHONUNBUFFERED: '1' }
  if (where === 'machine') return { ...unbuffered, ...inheritedEnv(workerEnv) }
  const base: Record<string, string> = { [JOB_ENV.metadataDisabled.name]: 'true' }
  for (const [name, value] of Object.entries(workerEnv)) {
    if (value !== undefined && !OWN_IN_A_CONTAINER.test(name)) base[name] = value
  }
  return { ...unbuffered, ...base }
}

export interface ServiceEnvParts {
  readonly baseEnv: Env
  /** `HOME` of a job that is another user than the worker. */
  readonly home?: Env
  /** How this program gets credentials; the service's and the job's own settings win over it. */
  readonly credentialEnv?: Env
  readonly service: WorkerService
  /** Set in everything that a worker starts, so that its supervisor finds what a crash left running. */
  readonly taskId: string
  readonly serviceDir?: string
  readonly port?: number
}

/** Base, credentials, then the container's `env`, then what is ours: for the model server and init command. */
export function makeServiceEnv(parts: ServiceEnvParts): Record<string, string> {
  const { baseEnv, home, credentialEnv, service, taskId, serviceDir, port } = parts
  return {
    ...baseEnv,
    ...home,
    ...credentialEnv,
    ...withoutOwn(service.container.env),
    [ENV.taskId.name]: taskId,
    [JOB_ENV.service.name]: service.name,
    ...(serviceDir !== undefined && { [ENV.serviceDir.name]: serviceDir }),
    ...(port !== undefined && { [JOB_ENV.port.name]: String(port) }),
  }
}

/** The service's environment, then the job's own, then what is ours; none can replace ours. */
export function makeJobEnv(
  parts: ServiceEnvParts,
  job: Job,
  folder: AttemptFolder,
): Record<string, string> {
  const { port: _port, ...forJobs } = parts
  return {
    ...makeServiceEnv(forJobs),
    ...withoutOwn(job.env),
    [JOB_ENV.id.name]: job.id,
    [JOB_ENV.attempt.name]: String(job.attempt),
    [JOB_ENV.tenant.name]: job.tenant,
    [JOB_ENV.workDir.name]: folder.workDir,
    [JOB_ENV.artifactsDir.name]: folder.artifactsDir,
    [JOB_ENV.checkpointDir.name]: folder.checkpointDir,
  }
}

function withoutOwn(env: Env): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith(OWN_PREFIX)))
}
