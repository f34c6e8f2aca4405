/** What two programs of a service have to agree on, and no other room owns. */
import type { EnvVariable } from './env.ts'

/** Where the init container of an ECS task finds Node and the worker in the worker's image. */
export const INSTALL_SOURCE = '/opt/scalable-job'
/**
 * The volume that the user's container shares with the init container. The path stands in the Node
 * program too (its loader and libraries are looked for here), so it is the same in every container.
 */
export const INSTALL_ROOT = '/scalable-job'
export const SERVICE_FILE_NAME = 'serialised-service.json'

/** Set for the init container alone; jobs never see it. */
export const INSTALL_ENV = {
  service: {
    name: 'SCALABLE_JOB_SERIALISED_SERVICE',
    what: 'AWS, init container: what this worker version runs, serialised.',
  },
} as const satisfies Record<string, EnvVariable>

/** The tag of a job's session: the worker sets it, the policy of the job role reads it. */
export const JOB_ID_TAG = 'jobId'

/** What the scaler's Lambda function gets from whoever kicks it; every other event is the clock's. */
export const KICK_EVENT = { kind: 'kick' } as const

export function isKickEvent(event: unknown): boolean {
  const { kind } = (event ?? {}) as { readonly kind?: unknown }
  return kind === KICK_EVENT.kind
}

/** How long an upload stays that no job names. */
export const KEEP_UPLOAD_DAYS = 7
