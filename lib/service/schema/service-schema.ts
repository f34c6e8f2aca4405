import { z } from 'zod'
import { autoscalerSchema } from './autoscaler-schema.ts'
import { cloudSchema } from './cloud-schema.ts'
import { containersSchema, frontEndSchema } from './container-schema.ts'
import { ignoredKey } from './keys.ts'
import { metadataSchema } from './metadata-schema.ts'
import { refuseContradictions } from './refuse-contradictions.ts'
import { scalableJobSchema } from './scalable-job-schema.ts'
import { textLike } from '../../parsing/value-kinds.ts'
import { storageSchema } from './storage-schema.ts'

const PROCESSOR = 'PAI-EAS processors are not run here; put the model into the image'

const MANAGED_QUEUE = 'the queue is a managed service without machines of its own'

const queueSchema = z
  .looseObject({
    max_delivery: z
      .int()
      .min(1)
      .max(101)
      .optional()
      .describe('Most attempts of a job that fails; scalable_job.retry wins.'),
    cpu: ignoredKey(MANAGED_QUEUE),
    memory: ignoredKey(MANAGED_QUEUE),
    resource: ignoredKey(MANAGED_QUEUE),
    min_replica: ignoredKey(MANAGED_QUEUE),
    max_idle: ignoredKey(MANAGED_QUEUE),
    source: ignoredKey('scalable_job.intake bounds what comes in'),
    sink: ignoredKey('results and logs are kept in the bucket of the service'),
  })
  .prefault({})
  .describe('The queue of an asynchronous PAI-EAS service.')

const featuresSchema = z
  .looseObject({
    'eas.aliyun.com/extra-ephemeral-storage': textLike(/^[1-9][0-9]{0,4}(Gi|Ti)$/, {
      problem: 'is not an amount of storage',
      allowed: 'a whole number with Gi or Ti, such as 30Gi',
    })
      .optional()
      .describe('Disk of one worker, such as 30Gi.'),
    'eas.aliyun.com/gpu-driver-version': ignoredKey('the driver comes with the machine image'),
  })
  .prefault({})
  .describe('Extras, by the names that PAI-EAS gives them.')

/** `service.json`, in the shape of PAI-EAS ("Deploy services using JSON configuration files"). */
export const serviceSchema = z
  .looseObject({
    $schema: z.string().optional().describe('Where editors find the schema.'),
    metadata: metadataSchema,
    containers: containersSchema,
    front_end: frontEndSchema,
    scalable_job: scalableJobSchema,
    autoscaler: autoscalerSchema,
    cloud: cloudSchema,
    storage: storageSchema,
    features: featuresSchema,
    queue: queueSchema,
    labels: z
      .record(z.string().min(1).max(128), z.string().max(256))
      .default({})
      .describe('Names and values for your own order; tags on AWS.'),
    token: textLike(/^[\x21-\x7e]{8,512}$/, {
      problem: 'is not a token',
      allowed: '8 to 512 printable ASCII characters without spaces',
    })
      .optional()
      .describe(
        'Token that requests must carry, 8 to 512 printable characters; without it one is made.',
      ),
    dockerAuth: z
      .string()
      .refine(isRegistryAuth, {
        error: 'is not the login of a registry',
        params: { allowed: 'base64 of user:password' },
      })
      .optional()
      .describe('Login of a private registry: base64 of user:password.'),
    name: ignoredKey('metadata.name is the name'),
    networking: ignoredKey('there is no shared gateway; the API belongs to the service'),
    unit: ignoredKey('a worker is one machine'),
    runtime: ignoredKey('a worker that crashes is always replaced'),
    sinker: ignoredKey('inputs, results and logs are kept in the bucket of the service'),
    warm_up_data_path: ignoredKey('a worker takes queries only once its model server answers'),
    aimaster: ignoredKey('a worker is one machine'),
    confidential: ignoredKey('there is no confidential computing here'),
    model_path: ignoredKey(PROCESSOR),
    oss_endpoint: ignoredKey(PROCESSOR),
    model_entry: ignoredKey(PROCESSOR),
    model_config: ignoredKey(PROCESSOR),
    processor: ignoredKey(PROCESSOR),
    processor_path: ignoredKey(PROCESSOR),
    processor_entry: ignoredKey(PROCESSOR),
    processor_mainclass: ignoredKey(PROCESSOR),
    processor_type: ignoredKey(PROCESSOR),
  })
  .superRefine(refuseContradictions)
  .describe('A service of GPU jobs.')

/** `service.json` after the schema has filled in its defaults. */
export type ServiceJson = z.output<typeof serviceSchema>

function isRegistryAuth(text: string): boolean {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.length % 4 !== 0) return false
  return /^[^:]+:./s.test(atob(text))
}
