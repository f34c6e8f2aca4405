import type { Service as EcsService } from '@aws-sdk/client-ecs'
import type { FleetSide, Side } from '../../../ports/fleet.ts'
import { familyOf } from './ecs-worker-versions.ts'

export type Services = Readonly<Record<Side, EcsService>>

export type Counts = Pick<FleetSide, 'desired' | 'running' | 'pending'>

/** @throws Error when a count is left out: an absent count is not zero */
export function countsOf({
  serviceName,
  desiredCount,
  runningCount,
  pendingCount,
}: EcsService): Counts {
  if (desiredCount === undefined || runningCount === undefined || pendingCount === undefined) {
    throw new Error(`ECS gave no counts of the service ${serviceName}`)
  }
  return { desired: desiredCount, running: runningCount, pending: pendingCount }
}

export function isEmpty({ desired, running, pending }: Counts): boolean {
  return desired === 0 && running === 0 && pending === 0
}

/** @throws Error when the sides differ: tasks are listed by family, and some would go unseen */
export function sharedFamily({ a, b }: Services): string {
  const family = familyOf(a.taskDefinition ?? '')
  const other = familyOf(b.taskDefinition ?? '')
  if (family !== other) throw new Error(`the services run two families: ${family}, ${other}`)
  return family
}
