import { Match } from 'aws-cdk-lib/assertions'
import { describe, expect, test } from 'vitest'
import { planCapacity } from '../../../lib/cdk/fleet/machines/capacity-plan.ts'
import { fargateSizeFor } from '../../../lib/cdk/fleet/machines/fargate-size.ts'
import { ServiceError } from '../../../lib/registry/errors.ts'
import { parseServiceConfig } from '../../../lib/service/parse-service-config.ts'
import { aFleet, cpuJson, trainerJson } from './a-fleet.ts'

const onMachines = (...instances: object[]) => trainerJson({ cloud: { computing: { instances } } })
const onMachine = (type: string, gpu = 1) => {
  const metadata = { ...trainerJson().metadata, gpu }
  return trainerJson({ metadata, cloud: { computing: { instance_type: type } } })
}
const planOf = (json: object) => planCapacity(parseServiceConfig(json))

describe('a machine of Alibaba Cloud is refused with the nearest one of EC2', () => {
  test.each([
    ['ecs.gn6i-c4g1.xlarge', 'g4dn.xlarge (1 × T4, 4 vCPU, 16 GiB)'],
    ['ecs.gn6i-c16g1.4xlarge', 'g4dn.4xlarge (1 × T4'],
    ['ecs.gn7i-c8g1.2xlarge', 'g5.2xlarge (1 × A10G, 8 vCPU, 32 GiB)'],
    ['ecs.gn7i-c48g1.12xlarge', 'g5.16xlarge (1 × A10G'],
    ['ecs.ebmgn7i.32xlarge', 'g5.xlarge (1 × A10G'],
    ['ecs.gn7e-c16g1.4xlarge', 'p4de.24xlarge (8 × A100 80GB'],
    ['ecs.gn8is-2x.8xlarge', 'g6e.xlarge (1 × L40S'],
    ['ecs.gn6v-c8g1.2xlarge', 'g5.2xlarge (1 × A10G'],
  ])('%s: %s', (type, nearest) => {
    const plan = () => planOf(onMachine(type))
    expect(plan).toThrow(ServiceError)
    expect(plan).toThrow(type)
    expect(plan).toThrow(`the nearest is ${nearest}`)
  })

  test('all that are named are refused at once, at synth', () => {
    const json = onMachines({ type: 'ecs.gn6i-c4g1.xlarge' }, { type: 'ecs.gn7i-c8g1.2xlarge' })
    expect(() => aFleet(json)).toThrow(/gn6i-c4g1.*gn7i-c8g1/s)
  })

  test('one without GPUs is refused too', () => {
    const json = cpuJson({ cloud: { computing: { instance_type: 'ecs.c6.large' } } })
    expect(() => planOf(json)).toThrow(/cpu, memory and gpu then choose/)
  })
})

describe('capacity follows from what a worker needs', () => {
  test('GPUs: ECS Managed Instances; none: Fargate', () => {
    expect(planOf(trainerJson()).kind).toBe('managed-instances')
    expect(planOf(cpuJson()).kind).toBe('fargate')
  })

  test.each([
    ['GPUs on Fargate', trainerJson(), 'fargate', /Fargate has none/],
    ['no GPU on the GPU image', cpuJson(), 'auto-scaling-group', /runs the ECS image for GPUs/],
    ['fewer GPUs than a worker gets', onMachine('g5.xlarge', 4), 'managed-instances', /1 GPUs/],
    [
      'less memory than a worker gets',
      trainerJson({
        metadata: { ...trainerJson().metadata, memory: 20_000 },
        cloud: { computing: { instance_type: 'g5.xlarge' } },
      }),
      'managed-instances',
      /16 GiB.*20000 MiB/,
    ],
  ] as const)('%s is refused', (_, json, kind, message) => {
    expect(() => planCapacity(parseServiceConfig(json), { kind })).toThrow(message)
  })

  test('a machine with more GPUs than a worker gets is named at synth', () => {
    expect(aFleet(onMachine('g5.12xlarge')).warnings().join()).toContain('g5.12xlarge has 4 GPUs')
    expect(aFleet(onMachine('g5.12xlarge', 4)).warnings()).toEqual([])
  })

  test('an idle time that ECS does not take is refused', () => {
    const service = parseServiceConfig(trainerJson())
    expect(() => planCapacity(service, { idleMachineSeconds: 4000 })).toThrow(/0 to 3600/)
  })
})

describe('ECS Managed Instances', () => {
  const provider = (json: object, props = {}) =>
    Object.values(aFleet(json, props).template.findResources('AWS::ECS::CapacityProvider'))[0]?.[
      'Properties'
    ]['ManagedInstancesProvider']

  test('machines with just the GPUs, CPU and memory of one worker', () => {
    expect(provider(trainerJson())).toMatchObject({
      InstanceLaunchTemplate: {
        CapacityOptionType: 'ON_DEMAND',
        InstanceRequirements: {
          AcceleratorCount: { Min: 1, Max: 1 },
          AcceleratorManufacturers: ['nvidia'],
          VCpuCount: { Min: 4 },
          MemoryMiB: { Min: 16_000 },
          CpuManufacturers: ['amd', 'intel'],
        },
      },
    })
  })

  test('the machines that are named, on Spot where all are', () => {
    const json = onMachines({ type: 'g6.xlarge', spot_price_limit: 1 })
    expect(provider(json)['InstanceLaunchTemplate']).toMatchObject({
      CapacityOptionType: 'SPOT',
      InstanceRequirements: { AllowedInstanceTypes: ['g6.xlarge'] },
    })
  })

  test('an idle machine goes after the time that was set, and disks are as large as asked', () => {
    const json = trainerJson({ features: { 'eas.aliyun.com/extra-ephemeral-storage': '300Gi' } })
    const capacity = { idleMachineSeconds: 300, diskGib: 150 }
    expect(provider(json, { capacity })).toMatchObject({
      InfrastructureOptimization: { ScaleInAfter: 300 },
      InstanceLaunchTemplate: { StorageConfiguration: { StorageSizeGiB: 450 } },
    })
  })

  test('public addresses without NAT: tasks share the network of their machine', () => {
    const { taskDefinition, template } = aFleet(trainerJson())
    expect(taskDefinition()).toMatchObject({
      NetworkMode: 'host',
      RequiresCompatibilities: ['MANAGED_INSTANCES'],
    })
    template.allResourcesProperties('AWS::EC2::Subnet', { MapPublicIpOnLaunch: true })
    template.allResourcesProperties('AWS::ECS::Service', {
      NetworkConfiguration: Match.absent(),
      CapacityProviderStrategy: [{ Weight: 1, CapacityProvider: Match.anyValue() }],
    })
  })

  test('no role has a name of its own, which another region would meet again', () => {
    const { template } = aFleet(trainerJson())
    template.allResourcesProperties('AWS::IAM::Role', { RoleName: Match.absent() })
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: 'iam:PassRole',
            Resource: Match.anyValue(),
            Condition: { StringLike: { 'iam:PassedToService': 'ec2.*' } },
          }),
        ]),
      },
    })
  })

  test('what it cannot do with a list of machines is said', () => {
    const json = onMachines({ type: 'g6.xlarge', spot_price_limit: 1 }, { type: 'g5.xlarge' })
    const warnings = aFleet(json).warnings().join()
    expect(warnings).toContain('only an auto-scaling-group keeps the order')
    expect(warnings).toContain('mixes Spot and on-demand')
  })
})

describe('Auto Scaling groups', () => {
  const capacity = { kind: 'auto-scaling-group' } as const

  test('Spot first, and on-demand with the same machines for what Spot cannot give', () => {
    const json = onMachines(
      { type: 'g6.xlarge', spot_price_limit: 1 },
      { type: 'g5.xlarge', spot_price_limit: 1 },
    )
    const { template, stack, fleet } = aFleet(json, { capacity })
    const groups = template.findResources('AWS::AutoScaling::AutoScalingGroup')
    const [spot = '', onDemand = ''] = Object.keys(groups)
    expect(stack.resolve(fleet.environmentForScaler)['SCALABLE_JOB_MACHINES']).toEqual({
      'Fn::Join': [
        '',
        ['{"groups":["', { Ref: spot }, '","', { Ref: onDemand }, '"],"idleSeconds":60}'],
      ],
    })
    const types = [{ InstanceType: 'g6.xlarge' }, { InstanceType: 'g5.xlarge' }]
    const policy = (percent: number) => ({
      LaunchTemplate: { Overrides: types },
      InstancesDistribution: {
        OnDemandBaseCapacity: 0,
        OnDemandPercentageAboveBaseCapacity: percent,
        OnDemandAllocationStrategy: 'prioritized',
        SpotAllocationStrategy: 'capacity-optimized-prioritized',
      },
    })
    expect(groups[spot]?.['Properties']['MixedInstancesPolicy']).toMatchObject(policy(0))
    expect(groups[onDemand]?.['Properties']['MixedInstancesPolicy']).toMatchObject(policy(100))
  })

  test('a machine by its needs where none is named, and no Spot unless asked for', () => {
    const { template } = aFleet(trainerJson(), { capacity })
    template.resourceCountIs('AWS::AutoScaling::AutoScalingGroup', 1)
    template.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', {
      MixedInstancesPolicy: {
        LaunchTemplate: {
          Overrides: [{ InstanceRequirements: { AcceleratorCount: { Min: 1, Max: 1 } } }],
        },
      },
    })
    const spot = aFleet(trainerJson(), { capacity: { ...capacity, spot: true } })
    spot.template.resourceCountIs('AWS::AutoScaling::AutoScalingGroup', 2)
  })

  test('the GPU image of AL2023, IMDSv2, an encrypted gp3 disk of the size asked for', () => {
    const { template } = aFleet(trainerJson(), { capacity: { ...capacity, diskGib: 200 } })
    template.hasResourceProperties('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: {
        MetadataOptions: { HttpTokens: 'required' },
        BlockDeviceMappings: [
          {
            DeviceName: '/dev/xvda',
            Ebs: { VolumeType: 'gp3', VolumeSize: 200, Encrypted: true, Throughput: 500 },
          },
        ],
      },
    })
    expect(JSON.stringify(template.toJSON()['Parameters'])).toContain(
      'optimized-ami/amazon-linux-2023/gpu/recommended',
    )
  })

  test('images are pulled once a machine, and a Spot machine about to go takes no more', () => {
    const { template } = aFleet(trainerJson(), { capacity })
    const [found] = Object.values(template.findResources('AWS::EC2::LaunchTemplate'))
    const userData = JSON.stringify(found?.['Properties']['LaunchTemplateData']['UserData'])
    expect(userData).toContain('ECS_IMAGE_PULL_BEHAVIOR=prefer-cached')
    expect(userData).toContain('ECS_ENABLE_SPOT_INSTANCE_DRAINING=true')
  })

  test('nothing that holds up the end of a stack: no provider, no hook, no protected machine', () => {
    const { template } = aFleet(trainerJson(), { capacity })
    template.resourceCountIs('AWS::ECS::CapacityProvider', 0)
    template.resourceCountIs('AWS::ECS::ClusterCapacityProviderAssociations', 0)
    template.resourceCountIs('AWS::AutoScaling::LifecycleHook', 0)
    template.resourceCountIs('AWS::SNS::Topic', 0)
    template.allResourcesProperties('AWS::AutoScaling::AutoScalingGroup', {
      NewInstancesProtectedFromScaleIn: false,
    })
  })

  test('a deploy never makes a group smaller', () => {
    const sizeOf = (max: number) => {
      const { template } = aFleet(trainerJson({ autoscaler: { max } }), { capacity })
      const [group] = Object.values(template.findResources('AWS::AutoScaling::AutoScalingGroup'))
      return group?.['Properties']['MaxSize']
    }
    expect(sizeOf(2)).toBe(sizeOf(50))
  })

  test('one worker a machine', () => {
    aFleet(trainerJson(), { capacity }).template.allResourcesProperties('AWS::ECS::Service', {
      LaunchType: 'EC2',
      PlacementConstraints: [{ Type: 'distinctInstance' }],
    })
  })
})

describe('a size of Fargate', () => {
  test.each([
    [
      { cpu: 0.25, memoryMib: 512 },
      { cpuUnits: 256, memoryMib: 512 },
    ],
    [
      { cpu: 1, memoryMib: 4096 },
      { cpuUnits: 1024, memoryMib: 4096 },
    ],
    [
      { cpu: 1, memoryMib: 1 },
      { cpuUnits: 1024, memoryMib: 2048 },
    ],
    [
      { cpu: 1, memoryMib: 9000 },
      { cpuUnits: 2048, memoryMib: 9216 },
    ],
    [
      { cpu: 2, memoryMib: 8192 },
      { cpuUnits: 2048, memoryMib: 8192 },
    ],
    [
      { cpu: 6, memoryMib: 1000 },
      { cpuUnits: 8192, memoryMib: 16_384 },
    ],
    [
      { cpu: 16, memoryMib: 120_000 },
      { cpuUnits: 16_384, memoryMib: 122_880 },
    ],
  ])('for %j is %j', (needed, size) => {
    expect(fargateSizeFor(needed, 'metadata')).toEqual(size)
  })

  test('larger than any is an error that says where', () => {
    expect(() => fargateSizeFor({ cpu: 32, memoryMib: 1 }, 'metadata')).toThrow(/^metadata is more/)
  })
})
