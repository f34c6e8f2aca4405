import { z } from 'zod'
import { envSchema, refuseTwoStarts, startKeys } from './container-schema.ts'
import { ignoredKey } from './keys.ts'

/** `front_end`: the resident web front end. Defaults: PAI-EAS Scalable Job page. */
export const frontEndSchema = z
  .looseObject({
    image: z.string().min(1).describe('Container image of the front end.'),
    port: z.int().min(1).max(65_535).describe('Port that the front end listens on.'),
    ...startKeys,
    env: envSchema,
    cpu: z.number().min(0.25).max(192).default(2).describe('CPU cores.'),
    memory: z.int().min(128).max(4_000_000).default(8192).describe('Memory in MB.'),
    instance_type: z
      .string()
      .min(1)
      .optional()
      .describe('EC2 instance type to run on, in place of cpu and memory.'),
    resource: ignoredKey('there are no resource groups here'),
  })
  .superRefine(refuseTwoStarts)
  .optional()
  .describe('The resident web front end of a ScalableJobService.')
