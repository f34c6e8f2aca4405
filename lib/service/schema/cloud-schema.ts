import { z } from 'zod'
import { ignoredKey } from './keys.ts'

const instanceSchema = z.looseObject({
  type: z.string().min(1).describe('EC2 instance type, such as g5.xlarge.'),
  spot_price_limit: z
    .number()
    .min(0)
    .optional()
    .describe('Set at all: a Spot machine. The price itself is not used.'),
  capacity: ignoredKey('the list is an order of preference, without shares'),
})

/** `cloud`: which machines to use. */
export const cloudSchema = z
  .looseObject({
    computing: z
      .looseObject({
        instance_type: z.string().min(1).optional().describe('The one EC2 instance type to use.'),
        instances: z
          .array(instanceSchema)
          .min(1)
          .optional()
          .describe('Instance types in the order of preference.'),
        disable_spot_protection_period: ignoredKey('EC2 has no protected first hour'),
      })
      .prefault({})
      .describe('The machines of the workers.'),
    networking: ignoredKey('the network is given to the CDK construct'),
  })
  .prefault({})
  .describe('Which machines to use. Without it they are chosen by cpu, memory and gpu.')
