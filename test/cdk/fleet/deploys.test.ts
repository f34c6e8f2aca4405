import { Match } from 'aws-cdk-lib/assertions'
import { describe, expect, test } from 'vitest'
import { parseServiceConfig } from '../../../lib/service/parse-service-config.ts'
import { aFleet, aNewFleet, trainerJson, valueOf } from './a-fleet.ts'

const KINDS = ['managed-instances', 'auto-scaling-group'] as const

describe('the first deploy', () => {
  test.each(KINDS)('starts no GPU and waits for none (%s)', (kind) => {
    const { template } = aFleet(trainerJson(), { capacity: { kind } })
    template.resourceCountIs('AWS::ECS::Service', 2)
    template.allResourcesProperties('AWS::ECS::Service', { DesiredCount: 0 })
    for (const group of Object.values(
      template.findResources('AWS::AutoScaling::AutoScalingGroup'),
    )) {
      expect(group['Properties']).toMatchObject({ MinSize: '0' })
      expect(group['Properties']).not.toHaveProperty('DesiredCapacity')
    }
  })

  test('makes nothing that costs while nothing runs', () => {
    const { template } = aFleet(trainerJson())
    template.resourceCountIs('AWS::EC2::NatGateway', 0)
    template.resourceCountIs('AWS::EC2::EIP', 0)
    template.resourceCountIs('AWS::Lambda::Function', 0)
    template.resourceCountIs('AWS::EC2::Instance', 0)
    template.allResourcesProperties('AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Gateway' })
    template.resourceCountIs('AWS::EC2::VPCEndpoint', 2)
  })
})

describe('a deploy never waits for a job', () => {
  const resourcesOf = (json: object, type: string) => aFleet(json).template.findResources(type)
  const before = trainerJson()
  const changes: [string, object][] = [
    ['the image', trainerJson({ containers: [{ image: 'trainer:2' }] })],
    ['its command', trainerJson({ containers: [{ image: 'trainer:1', command: 'prepare' }] })],
    ['the machine', trainerJson({ cloud: { computing: { instance_type: 'g5.2xlarge' } } })],
    ['what jobs get', trainerJson({ metadata: { ...before.metadata, memory: 30_000, gpu: 4 } })],
    ['stop time', trainerJson({ scalable_job: { timing: { stop_seconds: 600 } } })],
    ['labels', trainerJson({ labels: { team: 'vision' } })],
    ['scaling', trainerJson({ autoscaler: { max: 50 } })],
  ]
  test.each(changes)('a change of %s leaves both ECS services as they are', (_, after) => {
    const services = resourcesOf(before, 'AWS::ECS::Service')
    expect(Object.keys(services)).toHaveLength(2)
    expect(resourcesOf(after, 'AWS::ECS::Service')).toEqual(services)
  })

  test('a changed worker is a new revision of the same family, which both services name', () => {
    const one = aFleet(before)
    const two = aFleet(trainerJson({ containers: [{ image: 'trainer:2' }] }))
    expect(two.taskDefinition()).not.toEqual(one.taskDefinition())
    const family = one.fleet.taskDefinitionFamily
    expect(two.taskDefinition()['Family']).toBe(family)
    one.template.allResourcesProperties('AWS::ECS::Service', { TaskDefinition: family })
  })

  test('revisions stay when others follow, since a side may run one for days', () => {
    const { template } = aFleet(before)
    expect(Object.values(template.findResources('AWS::ECS::TaskDefinition'))).toMatchObject([
      { UpdateReplacePolicy: 'Retain', DeletionPolicy: 'RetainExceptOnCreate' },
    ])
  })

  test('ECS neither rolls back, nor balances zones, nor starts more than asked for', () => {
    aFleet(before).template.allResourcesProperties('AWS::ECS::Service', {
      AvailabilityZoneRebalancing: 'DISABLED',
      DeploymentConfiguration: {
        MinimumHealthyPercent: 0,
        MaximumPercent: 100,
        DeploymentCircuitBreaker: { Enable: false, Rollback: false },
      },
      Tags: Match.absent(),
    })
  })

  test('a revision, whose workers may start at once, comes after all that they need', () => {
    const storage = [{ mount_path: '/workspace', s3: { path: 's3://models/kohya/' } }]
    const { template } = aFleet(trainerJson({ storage }))
    const needed = [
      'ExecutionRoleDefaultPolicy',
      'MountTarget1',
      'MountTarget2',
      'TaskRoleDefaultPolicy',
    ]
    const found = template.findResources('AWS::ECS::TaskDefinition', {
      DependsOn: Match.arrayWith(needed.map((each) => Match.stringLikeRegexp(each))),
    })
    expect(Object.keys(found)).toHaveLength(1)
  })

  test('a service comes after all that its first task needs, and goes before', () => {
    const { template } = aFleet(before)
    for (const service of Object.values(template.findResources('AWS::ECS::Service'))) {
      const needed = (service['DependsOn'] as string[]).join(' ')
      for (const each of ['WorkerDefinition', 'Cluster', 'TaskRoleDefaultPolicy', 'Provider']) {
        expect(needed).toContain(each)
      }
    }
  })
})

describe('the worker version', () => {
  const deployedVersionOf = (json: object) => {
    const { fleet, container } = aFleet(json)
    expect(valueOf(container('worker'), 'SCALABLE_JOB_VERSION')).toBe(fleet.workerVersion)
    return fleet.workerVersion
  }
  const before = deployedVersionOf(trainerJson())

  test('is the same for the same worker', () => {
    expect(aNewFleet(trainerJson()).fleet.workerVersion).toBe(before)
    expect(
      deployedVersionOf(trainerJson({ labels: { team: 'vision' }, token: 'another-token' })),
    ).toBe(before)
    expect(deployedVersionOf(trainerJson({ autoscaler: { max: 50 } }))).toBe(before)
  })

  test('is another one for each change of the task definition', () => {
    const image = deployedVersionOf(trainerJson({ containers: [{ image: 'trainer:2' }] }))
    const onGroup = aFleet(trainerJson(), { capacity: { kind: 'auto-scaling-group' } })
    expect(new Set([before, image, onGroup.fleet.workerVersion]).size).toBe(3)
  })

  test('begins with the version of the service', () => {
    expect(before.startsWith(parseServiceConfig(trainerJson()).version)).toBe(true)
  })
})
