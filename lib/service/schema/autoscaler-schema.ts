import { z } from 'zod'
import { STRATEGIES, type StrategyKey } from '../../scaling/strategies/strategies.ts'
import type { Strategy } from '../../scaling/strategies/strategy.ts'
import { ignoredKey } from './keys.ts'
import { seconds } from '../../parsing/value-kinds.ts'

const behaviorSchema = z.strictObject({
  scaleUp: z
    .strictObject({
      stabilizationWindowSeconds: seconds()
        .default(0)
        .describe('A rise must be wanted for this long before it happens.'),
    })
    .prefault({})
    .describe('Adding workers.'),
  scaleDown: z
    .strictObject({
      stabilizationWindowSeconds: seconds()
        .default(1)
        .describe('A fall must be wanted for this long before it happens.'),
    })
    .prefault({})
    .describe('Taking workers away.'),
  onZero: z
    .strictObject({
      scaleDownGracePeriodSeconds: seconds()
        .default(60)
        .describe('The last worker stays this long after the last job.'),
      scaleUpActivationReplicas: z
        .int()
        .min(1)
        .max(1000)
        .default(1)
        .describe('Workers started at once when leaving zero.'),
      interceptTraffic: ignoredKey('jobs always wait in the queue while a worker starts'),
    })
    .prefault({})
    .describe('Going to no worker at all, and back.'),
})

type StrategyShape = Record<StrategyKey, z.ZodOptional<z.ZodNumber>>

function toSetting({
  key,
  schema,
  default: value,
}: Strategy): [string, z.ZodOptional<z.ZodNumber>] {
  const inWords = value !== undefined && { 'x-default': `${value}, where no strategy is set` }
  return [key, schema.optional().meta({ description: schema.description, ...inWords })]
}

/** `autoscaler`: how the number of workers follows the queue. Defaults: PAI-EAS Scalable Job. */
export const autoscalerSchema = z
  .strictObject({
    min: z
      .int()
      .min(0)
      .max(1000)
      .optional()
      .meta({ description: 'Fewest workers.', 'x-default': 'metadata.instance' }),
    max: z.int().min(1).max(1000).default(10).describe('Most workers.'),
    strategies: z
      .strictObject(Object.fromEntries(STRATEGIES.map(toSetting)) as StrategyShape)
      .prefault({})
      .describe('What the number of workers follows; of several, the largest answer wins.'),
    behavior: behaviorSchema.prefault({}).describe('How fast the number follows.'),
  })
  .prefault({})
  .describe('How the number of workers follows the queue.')
