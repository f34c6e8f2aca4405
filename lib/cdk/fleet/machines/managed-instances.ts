import * as ecs from 'aws-cdk-lib/aws-ecs'
import * as iam from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import { acknowledge } from '../../acknowledge.ts'
import { makeMachineRole } from './machine-role.ts'
import type { MachinesInput } from './machines-input.ts'
import { machineNeeds } from './machine-needs.ts'

const POLICY = 'AmazonECSInfrastructureRolePolicyForManagedInstances'

/**
 * A capacity provider of ECS Managed Instances: AWS starts a machine as soon as a worker has no
 * place, and takes it back `idleMachineSeconds` after the last one left.
 *
 * It is bound to its cluster by name, so it needs no association with the cluster and knows none of
 * the deadlocks of deleting one. Its role may pass the machine's role by name of that role, so that
 * neither role needs a name of its own (which a second region would meet again).
 *
 * Source: Amazon ECS Developer Guide, "Amazon ECS Managed Instances instance profile", option 2.
 */
export class ManagedInstances extends Construct {
  readonly capacityProvider: ecs.CfnCapacityProvider

  constructor(scope: Construct, id: string, props: MachinesInput) {
    super(scope, id)
    const { service, plan, cluster, network } = props
    const machineRole = makeMachineRole(this, cluster)
    const profile = new iam.InstanceProfile(this, 'MachineProfile', { role: machineRole })
    const infrastructureRole = this.#makeInfrastructureRole(machineRole)
    this.capacityProvider = new ecs.CfnCapacityProvider(this, 'Provider', {
      clusterName: cluster.clusterName,
      managedInstancesProvider: {
        infrastructureRoleArn: infrastructureRole.roleArn,
        infrastructureOptimization: { scaleInAfter: plan.idleMachineSeconds },
        propagateTags: 'CAPACITY_PROVIDER',
        instanceLaunchTemplate: {
          capacityOptionType: plan.spot ? 'SPOT' : 'ON_DEMAND',
          ec2InstanceProfileArn: profile.instanceProfileArn,
          instanceRequirements: machineNeeds(service.resources, plan.machines),
          monitoring: 'BASIC',
          networkConfiguration: {
            subnets: network.subnets.subnetIds,
            securityGroups: [network.securityGroup.securityGroupId],
          },
          storageConfiguration: { storageSizeGiB: plan.diskGib },
        },
      },
    })
    this.capacityProvider.node.addDependency(infrastructureRole, machineRole)
  }

  #makeInfrastructureRole(machineRole: iam.Role): iam.Role {
    const role = new iam.Role(this, 'InfrastructureRole', {
      assumedBy: new iam.ServicePrincipal('ecs.amazonaws.com'),
      description: 'ECS, to start and end machines for workers',
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName(POLICY)],
    })
    role.addToPolicy(
      new iam.PolicyStatement({
        actions: ['iam:PassRole'],
        resources: [machineRole.roleArn],
        conditions: { StringLike: { 'iam:PassedToService': 'ec2.*' } },
      }),
    )
    acknowledge(role, [
      {
        id: `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${POLICY}]`,
        reason:
          'AWS keeps this policy in step with what ECS Managed Instances call; it covers only machines that ECS tagged as its own.',
      },
    ])
    return role
  }
}
