import { Stack, Tags } from 'aws-cdk-lib'
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling'
import * as ec2 from 'aws-cdk-lib/aws-ec2'
import * as ecs from 'aws-cdk-lib/aws-ecs'
import { Construct } from 'constructs'
import type { InstanceChoice } from '../../../service/service.ts'
import { acknowledge } from '../../acknowledge.ts'
import { machineNeeds } from './machine-needs.ts'
import { makeMachineRole } from './machine-role.ts'
import type { MachinesInput } from './machines-input.ts'

/** Never lowered by a deploy: a smaller maximum makes EC2 Auto Scaling end machines, busy or not. */
const MAX_SIZE = 1000
const GP3_THROUGHPUT_MBPS = 500

/**
 * Auto Scaling groups with the ECS image for GPUs, whose sizes the scaler sets (`AsgSizedFleet`):
 * Spot first where it is asked for, and on-demand for what Spot cannot give.
 *
 * No capacity provider stands between ECS and the groups. Without managed scaling it would add
 * nothing, and it brings the deadlocks of deleting one: ECS services name the launch type EC2 and
 * use whatever machine has joined the cluster. No desired size is written, so no deploy resets it;
 * no machine is protected from scale-in, so deleting the stack never waits for one.
 */
export class MachineGroups extends Construct {
  /** In the order of preference. */
  readonly groups: readonly autoscaling.CfnAutoScalingGroup[]
  readonly #props: MachinesInput

  constructor(scope: Construct, id: string, props: MachinesInput) {
    super(scope, id)
    this.#props = props
    const { machines, spot } = props.plan
    const template = this.#makeLaunchTemplate()
    const onSpot = machines.filter((machine) => machine.spot)
    const onDemand = machines.filter((machine) => !machine.spot)
    const hasSpot = spot || onSpot.length > 0
    this.groups = [
      ...(hasSpot ? [this.#makeGroup('Spot', template, onSpot)] : []),
      this.#makeGroup('OnDemand', template, onDemand.length > 0 ? onDemand : onSpot),
    ]
  }

  get names(): string[] {
    return this.groups.map((group) => group.ref)
  }

  #makeLaunchTemplate(): ec2.LaunchTemplate {
    const { cluster, network, plan } = this.#props
    return new ec2.LaunchTemplate(this, 'Machine', {
      machineImage: ecs.EcsOptimizedImage.amazonLinux2023(ecs.AmiHardwareType.GPU),
      role: makeMachineRole(this, cluster),
      securityGroup: network.securityGroup,
      userData: userDataFor(cluster),
      requireImdsv2: true,
      httpPutResponseHopLimit: 1,
      blockDevices: [
        {
          deviceName: '/dev/xvda',
          volume: ec2.BlockDeviceVolume.ebs(plan.diskGib, {
            volumeType: ec2.EbsDeviceVolumeType.GP3,
            throughput: GP3_THROUGHPUT_MBPS,
            encrypted: true,
            deleteOnTermination: true,
          }),
        },
      ],
    })
  }

  #makeGroup(
    id: 'Spot' | 'OnDemand',
    template: ec2.LaunchTemplate,
    machines: readonly InstanceChoice[],
  ): autoscaling.CfnAutoScalingGroup {
    const { network } = this.#props
    const group = new autoscaling.CfnAutoScalingGroup(this, id, {
      minSize: '0',
      maxSize: String(MAX_SIZE),
      vpcZoneIdentifier: network.subnets.subnetIds,
      capacityRebalance: false,
      healthCheckType: 'EC2',
      newInstancesProtectedFromScaleIn: false,
      mixedInstancesPolicy: {
        launchTemplate: {
          launchTemplateSpecification: {
            version: template.latestVersionNumber,
            ...(template.launchTemplateId !== undefined && {
              launchTemplateId: template.launchTemplateId,
            }),
          },
          overrides: this.#overridesFor(machines),
        },
        instancesDistribution: distributionFor(id, machines.length > 0),
      },
    })
    acknowledge(group, [
      {
        id: 'AwsSolutions-AS3',
        reason:
          'The scaler starts and ends the machines itself, and logs each of them with a reason.',
      },
      {
        id: 'AwsSolutions-EC26',
        reason:
          'The rule reads no mixed instances policy; its launch template encrypts the volume.',
      },
    ])
    Tags.of(group).add('Name', `${Stack.of(this).stackName} worker`)
    return group
  }

  #overridesFor(machines: readonly InstanceChoice[]) {
    if (machines.length > 0) return machines.map(({ type }) => ({ instanceType: type }))
    const needs = machineNeeds(this.#props.service.resources, [])
    return [{ instanceRequirements: { ...needs, excludedInstanceTypes: TOO_OLD_FOR_DRIVER } }]
  }
}

/** GPUs that the open kernel module of the machine image does not drive. */
const TOO_OLD_FOR_DRIVER = ['p2*', 'p3*', 'g3*']

/** The order of named machines counts; among others the price does. */
function distributionFor(id: 'Spot' | 'OnDemand', isNamed: boolean) {
  return {
    onDemandBaseCapacity: 0,
    onDemandPercentageAboveBaseCapacity: id === 'Spot' ? 0 : 100,
    onDemandAllocationStrategy: isNamed ? 'prioritized' : 'lowest-price',
    spotAllocationStrategy: isNamed ? 'capacity-optimized-prioritized' : 'price-capacity-optimized',
  }
}

/**
 * Workers use the machine's network, so neither the hop limit nor the agent's own block of the
 * metadata address holds for them. The agent runs as root; whoever does not has no business with the
 * machine's role.
 *
 * Source: Amazon EC2 User Guide, "Limit access to the Instance Metadata Service".
 */
const KEEP_METADATA_FOR_ROOT =
  'iptables --insert OUTPUT --proto tcp --destination 169.254.169.254 --match owner ! --uid-owner 0 --jump REJECT'

/**
 * Source: Amazon ECS Developer Guide, "Amazon ECS container agent configuration".
 */
function userDataFor(cluster: ecs.ICluster): ec2.UserData {
  const settings = {
    ECS_CLUSTER: cluster.clusterName,
    // An image with a tag that moves is pulled once a machine; a digest is exact.
    ECS_IMAGE_PULL_BEHAVIOR: 'prefer-cached',
    // Two minutes before a Spot machine goes, its worker gets SIGTERM and checkpoints.
    ECS_ENABLE_SPOT_INSTANCE_DRAINING: 'true',
    ECS_ENABLE_AWSLOGS_EXECUTIONROLE_OVERRIDE: 'true',
  }
  const userData = ec2.UserData.forLinux()
  userData.addCommands(KEEP_METADATA_FOR_ROOT)
  userData.addCommands(
    ...Object.entries(settings).map(([name, value]) => {
      return `echo ${name}=${value} >> /etc/ecs/ecs.config`
    }),
  )
  return userData
}
