/** Where an ECS task finds Node and the worker: shared by the task definition and its init container. */
import type { EnvVariable } from './env.ts'

/** In the worker's image; the init container copies from here. */
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
