import type * as ecs from 'aws-cdk-lib/aws-ecs'
import type { Service } from '../../../service/service.ts'
import type { CapacityPlan } from './capacity-plan.ts'
import type { FleetNetwork } from '../fleet-network.ts'

/** From what machines of each kind are made. */
export interface MachinesInput {
  readonly service: Service
  readonly plan: CapacityPlan
  readonly cluster: ecs.ICluster
  readonly network: FleetNetwork
}
