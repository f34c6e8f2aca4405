import type { z } from 'zod'
import { addMistake } from '../../parsing/value-kinds.ts'

interface Sections {
  readonly metadata: { readonly type: string; readonly instance: number }
  readonly front_end?: object | undefined
  readonly autoscaler: {
    readonly min?: number | undefined
    readonly max: number
    readonly behavior: { readonly onZero: { readonly scaleUpActivationReplicas: number } }
  }
  readonly cloud: {
    readonly computing: {
      readonly instance_type?: string | undefined
      readonly instances?: readonly object[] | undefined
    }
  }
}

/** Refuses settings that are each right and together wrong. */
export function refuseContradictions(given: Sections, context: z.core.$RefinementCtx): void {
  refuseWrongFrontEnd(given, context)
  refuseWrongCounts(given, context)
  const { instance_type: one, instances: several } = given.cloud.computing
  if (one !== undefined && several !== undefined) {
    addMistake(context, {
      path: ['cloud', 'computing', 'instance_type'],
      problem: 'stands beside cloud.computing.instances',
      got: one,
      allowed: 'instance_type or instances',
    })
  }
}

function refuseWrongFrontEnd(given: Sections, context: z.core.$RefinementCtx): void {
  const { type } = given.metadata
  if (type === 'ScalableJobService' && given.front_end === undefined) {
    addMistake(context, {
      path: ['front_end'],
      problem: 'is missing, and a ScalableJobService consists of jobs and a front end',
      got: undefined,
      allowed: 'front_end with image and port, or metadata.type "ScalableJob"',
    })
  }
  if (type === 'ScalableJob' && given.front_end !== undefined) {
    addMistake(context, {
      path: ['front_end'],
      problem: 'is given, but a ScalableJob has no front end',
      got: given.front_end,
      allowed: 'no front_end, or metadata.type "ScalableJobService"',
    })
  }
}

function refuseWrongCounts(given: Sections, context: z.core.$RefinementCtx): void {
  const { min, max, behavior } = given.autoscaler
  if (max < 1) return // The schema has named that already.
  const fewest = min ?? given.metadata.instance
  if (fewest > max) {
    addMistake(context, {
      path: min === undefined ? ['metadata', 'instance'] : ['autoscaler', 'min'],
      problem: `is more than autoscaler.max, which is ${max}`,
      got: fewest,
      allowed: `0 to ${max}, or a larger autoscaler.max`,
    })
  }
  const activation = behavior.onZero.scaleUpActivationReplicas
  if (activation > max) {
    addMistake(context, {
      path: ['autoscaler', 'behavior', 'onZero', 'scaleUpActivationReplicas'],
      problem: `is more than autoscaler.max, which is ${max}`,
      got: activation,
      allowed: `1 to ${max}`,
    })
  }
}
