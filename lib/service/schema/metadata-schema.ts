import { z } from 'zod'
import { ignoredKey } from './keys.ts'
import { seconds, textLike } from '../../parsing/value-kinds.ts'

const SERVICE_TYPES = ['ScalableJob', 'ScalableJobService'] as const

/** It stands in URLs, in queue and stack names: what PAI-EAS allows, and hyphens. */
const SERVICE_NAME = /^[a-z][a-z0-9_-]{0,62}$/

const rpcSchema = z.looseObject({
  worker_threads: z
    .int()
    .min(1)
    .max(1000)
    .default(5)
    .describe('Query jobs at a time in one worker.'),
  keepalive: z.int().min(1).max(2_147_483_000).optional().meta({
    description:
      'Longest run of a query job in milliseconds; scalable_job.limits.query.run_seconds wins.',
    'x-default': '600000',
  }),
  max_queue_size: ignoredKey(
    'jobs wait in the queue, not in a worker; scalable_job.intake.max_waiting_jobs bounds them',
  ),
  io_threads: ignoredKey('the worker has no network threads to set'),
  batching: ignoredKey('a feature of PAI-EAS processors'),
  max_batch_size: ignoredKey('a feature of PAI-EAS processors'),
  max_batch_timeout: ignoredKey('a feature of PAI-EAS processors'),
  rate_limit: ignoredKey('a worker takes a job only when it has a free slot'),
  enable_sigterm: ignoredKey('a worker that has to stop always gets SIGTERM at once'),
})

/** What the service is called and what one worker gets. */
export const metadataSchema = z
  .looseObject({
    name: textLike(SERVICE_NAME, {
      problem: 'is not a service name',
      allowed: '1 to 63 lower-case letters, digits, - and _, beginning with a letter',
    }).describe(
      'Name of the service, part of its URLs: 1 to 63 lower-case letters, digits, _ and -, a letter first.',
    ),
    type: z
      .enum(SERVICE_TYPES, { error: typeProblem })
      .describe('ScalableJob, or ScalableJobService for a service with a front_end.'),
    instance: z
      .int()
      .min(0)
      .max(1000)
      .default(1)
      .describe('Fewest workers, where autoscaler.min is not set.'),
    cpu: z.number().min(0.25).max(192).default(1).describe('CPU cores of one worker.'),
    memory: z
      .int()
      .min(128)
      .max(4_000_000)
      .default(4096)
      .describe('Memory of one worker in MB (counted as MiB).'),
    gpu: z.int().min(0).max(16).optional().meta({
      description: 'GPUs of one worker.',
      'x-default': '0; 1 where cloud.computing names a machine with GPUs',
    }),
    shm_size: z
      .int()
      .min(1)
      .max(1024)
      .optional()
      .describe('Shared memory (/dev/shm) of one worker in GB.'),
    enable_webservice: z
      .boolean()
      .optional()
      .describe('A ScalableJobService always serves its front end; a ScalableJob has none.'),
    rpc: rpcSchema.prefault({}).describe('How query jobs are handed to the model server.'),
    eas: z
      .looseObject({
        termination_grace_period: seconds().optional().meta({
          description:
            'Seconds that a stopping worker lets its jobs run; scalable_job.timing.stop_seconds wins.',
          'x-default': '30',
        }),
      })
      .prefault({})
      .describe('How a worker stops.'),
    workspace_id: ignoredKey('there are no workspaces here'),
    resource: ignoredKey('there are no resource groups here; the stack has machines of its own'),
    group: ignoredKey('there are no service groups here'),
    gpu_memory: ignoredKey('a worker gets whole GPUs; set metadata.gpu'),
    gpu_core_percentage: ignoredKey('a worker gets whole GPUs; set metadata.gpu'),
    qos: ignoredKey('workers do not share CPU cores'),
    cuda: ignoredKey('CUDA comes from the image, the driver from the machine'),
    rdma: ignoredKey('a worker is one machine; nothing talks RDMA'),
    enable_grpc: ignoredKey('the API speaks HTTP'),
    workload_type: ignoredKey('metadata.type says it already'),
    resource_rebalancing: ignoredKey('there are no resource groups here'),
    resource_burstable: ignoredKey('there are no resource groups here'),
    rolling_strategy: ignoredKey(
      'a new version gets workers of its own, and the old ones leave when their jobs have ended',
    ),
    scheduling: ignoredKey('the capacity provider places workers'),
  })
  .describe('What the service is called and what one worker gets.')

function typeProblem(issue: { input: unknown }): string {
  return issue.input === 'Async'
    ? 'is another type of PAI-EAS service; as ScalableJob it works the same way: put on the input queue, watch the output queue'
    : 'is not a type of service that is supported'
}
