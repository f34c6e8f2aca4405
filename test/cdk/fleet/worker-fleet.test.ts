import { Match } from 'aws-cdk-lib/assertions'
import { describe, expect, test } from 'vitest'
import { SIDES } from '../../../lib/scaling/sides.ts'
import { INSTALL_ENV } from '../../../lib/registry/agreements.ts'
import { parseServiceConfig } from '../../../lib/service/parse-service-config.ts'
import { readWorkerService } from '../../../lib/service/serialised-service.ts'
import { versionOf } from '../../../lib/service/worker-service.ts'
import { readSettings } from '../../../worker/start/read-settings.ts'
import { aFleet, cpuJson, trainerJson, valueOf } from './a-fleet.ts'

describe('what a worker is told', () => {
  test('its environment is complete, and the worker reads it', () => {
    const { container } = aFleet(trainerJson())
    const queues = JSON.stringify({ command: 'https://sqs/1', output: 'https://sqs/2' })
    const environment = Object.fromEntries(
      container('worker').Environment.map(({ Name, Value }) => [
        Name,
        typeof Value === 'string' ? Value : Name === 'SCALABLE_JOB_QUEUE_URLS' ? queues : 'a-name',
      ]),
    )
    const settings = readSettings({
      ...environment,
      ECS_AGENT_URI: 'http://169.254.170.2/api/1',
      ECS_CONTAINER_METADATA_URI_V4: 'http://169.254.170.2/v4/1',
    })
    expect(settings).toMatchObject({
      store: { backend: 'aws', tableName: 'a-name', bucketName: 'a-name' },
      serviceFile: '/scalable-job/serialised-service.json',
      serviceDir: process.cwd(),
      version: expect.stringMatching(/^[0-9a-f]{12}-[0-9a-f]{8}$/),
    })
  })

  test('its service is the one that was deployed, without secrets', () => {
    const json = trainerJson({
      token: 'a-secret-token',
      dockerAuth: btoa('user:password'),
      containers: [{ image: 'a', script: 'serve', port: 8000, env: [{ name: 'A', value: 'b' }] }],
      storage: [
        { mount_path: '/data/', s3: { path: 's3://bucket/folder/', readOnly: true } },
        { mount_path: '/nfs', nfs: { server: 'fs-1.efs.eu-central-1.amazonaws.com' } },
      ],
      features: { 'eas.aliyun.com/extra-ephemeral-storage': '1Ti' },
      scalable_job: { command_slots: 2, timing: { beat_seconds: 5, stop_seconds: 7 } },
    })
    const service = parseServiceConfig(json)
    const { container } = aFleet(json)
    const text = String(valueOf(container('install'), INSTALL_ENV.service.name))
    const inWorker = readWorkerService(text, 'the environment')
    expect(service).toMatchObject(inWorker)
    expect(versionOf(inWorker)).toBe(service.version)
    expect(text).not.toMatch(/a-secret-token|dXNlcj/)
  })

  test('its init process reaps and passes signals on, its stop time covers the grace', () => {
    const json = trainerJson({ scalable_job: { timing: { stop_seconds: 600 } } })
    expect(aFleet(json).container('worker')).toMatchObject({
      LinuxParameters: { InitProcessEnabled: true },
      StopTimeout: 660,
    })
  })

  test('a script too long for a task definition is refused with the fix', () => {
    const json = trainerJson({ containers: [{ image: 'a', script: 'x'.repeat(70_000) }] })
    expect(() => aFleet(json)).toThrow(/put long scripts into the image/)
  })
})

describe('a worker in any image', () => {
  test('Node and worker are copied into a volume that the image starts them from', () => {
    const { container, taskDefinition } = aFleet(trainerJson())
    expect(container('install')).toMatchObject({
      Essential: false,
      Command: ['/opt/scalable-job/worker/install.js', '/opt/scalable-job', '/scalable-job'],
      MountPoints: [{ ContainerPath: '/scalable-job', ReadOnly: false }],
    })
    expect(container('worker')).toMatchObject({
      Image: 'trainer:1',
      EntryPoint: ['/scalable-job/node', expect.any(String)],
      Command: ['/scalable-job/worker/main.js'],
      DependsOn: [{ ContainerName: 'install', Condition: 'SUCCESS' }],
      MountPoints: [{ ContainerPath: '/scalable-job', ReadOnly: true }],
    })
    expect(taskDefinition().Volumes).toEqual([{ Name: 'scalable-job', Host: {} }])
  })

  test('an image with an entry point of its own keeps it, and the worker stands beside it', () => {
    const env = [{ name: 'MODEL', value: 'sdxl' }]
    const { container } = aFleet(
      trainerJson({ containers: [{ image: 'triton', port: 8000, env }] }),
    )
    const model = container('model')
    expect(model).toMatchObject({
      Image: 'triton',
      Essential: true,
      ResourceRequirements: [{ Type: 'GPU', Value: '1' }],
      PortMappings: [{ ContainerPort: 8000, HostPort: 8000 }],
    })
    expect(model).not.toHaveProperty('EntryPoint')
    expect(model).not.toHaveProperty('Command')
    // Together no more than the worker may have: a machine of just that size takes both.
    expect([model['Cpu'], container('worker')['Cpu']]).toEqual([4096 - 256, 256])
    expect([valueOf(model, 'MODEL'), valueOf(model, 'PORT')]).toEqual(['sdxl', '8000'])
    const worker = container('worker')
    expect(worker['Image']).toEqual(container('install')['Image'])
    expect(worker).not.toHaveProperty('ResourceRequirements')
    expect(worker['DependsOn']).toContainEqual({ ContainerName: 'model', Condition: 'START' })
  })

  test('the health check looks at the worker, and waits longer than any lease', () => {
    expect(aFleet(trainerJson()).container('worker')['HealthCheck']).toMatchObject({
      Command: [
        'CMD',
        '/scalable-job/node',
        '/scalable-job/worker/check-alive.js',
        '/tmp/scalable-job-work',
        '360',
      ],
      Retries: 5,
    })
  })
})

describe('GPU and memory', () => {
  test('the container gets its GPUs, CUDA libraries and room', () => {
    const { container } = aFleet(trainerJson())
    const worker = container('worker')
    expect(worker).toMatchObject({
      ResourceRequirements: [{ Type: 'GPU', Value: '1' }],
      Cpu: 4096,
      MemoryReservation: 14_336,
    })
    expect(worker).not.toHaveProperty('Memory')
    expect(valueOf(worker, 'NVIDIA_DRIVER_CAPABILITIES')).toBe('compute,utility')
  })

  test('shared memory is set on an Auto Scaling group, and a volume on Managed Instances', () => {
    const json = trainerJson({ metadata: { ...trainerJson().metadata, shm_size: 8 } })
    const onGroup = aFleet(json, { capacity: { kind: 'auto-scaling-group' } })
    expect(onGroup.container('worker')['LinuxParameters']).toMatchObject({ SharedMemorySize: 8192 })
    const managed = aFleet(json)
    expect(managed.container('worker')['LinuxParameters']).not.toHaveProperty('SharedMemorySize')
    expect(managed.container('worker')['MountPoints']).toContainEqual({
      SourceVolume: 'shared-memory',
      ContainerPath: '/dev/shm',
      ReadOnly: false,
    })
    expect(managed.warnings().join()).toContain('metadata.shm_size')
  })
})

describe('a worker without GPU', () => {
  const { template, taskDefinition, container } = aFleet(cpuJson())

  test('runs on Fargate, in a size that Fargate has', () => {
    template.allResourcesProperties('AWS::ECS::Service', { LaunchType: 'FARGATE' })
    expect(taskDefinition()).toMatchObject({
      RequiresCompatibilities: ['FARGATE'],
      NetworkMode: 'awsvpc',
      Cpu: '1024',
      Memory: '3072',
    })
    template.resourceCountIs('AWS::ECS::CapacityProvider', 0)
  })

  test('has a public address, and no one can reach it', () => {
    template.allResourcesProperties('AWS::ECS::Service', {
      NetworkConfiguration: { AwsvpcConfiguration: { AssignPublicIp: 'ENABLED' } },
    })
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      GroupDescription: Match.stringLikeRegexp('no inbound'),
      SecurityGroupIngress: Match.absent(),
    })
  })

  test('stops within the time that Fargate gives', () => {
    const json = cpuJson({ scalable_job: { timing: { stop_seconds: 900 } } })
    const long = aFleet(json)
    expect(container('worker')['StopTimeout']).toBe(90)
    expect(long.container('worker')['StopTimeout']).toBe(120)
    expect(long.warnings().join()).toContain('stop_seconds 900 is cut to 60')
  })

  test('gets the disk it asks for', () => {
    const json = (size: string) =>
      cpuJson({ features: { 'eas.aliyun.com/extra-ephemeral-storage': size } })
    const { taskDefinition: definition } = aFleet(json('30Gi'))
    expect(definition()['EphemeralStorage']).toEqual({ SizeInGiB: 30 })
    expect(() => aFleet(json('1Ti'))).toThrow(/more than Fargate has/)
  })
})

test('the scaler is told where the fleet is, by the names of the registry', () => {
  const { fleet, stack } = aFleet(trainerJson())
  const environment = stack.resolve(fleet.environmentForScaler) as Record<string, unknown>
  expect(Object.keys(environment).toSorted()).toEqual([
    'SCALABLE_JOB_CLUSTER',
    'SCALABLE_JOB_ECS_SERVICES',
    'SCALABLE_JOB_TASK_DEFINITION',
  ])
  expect(environment['SCALABLE_JOB_TASK_DEFINITION']).toEqual({
    Ref: expect.stringMatching(/^FleetWorkerDefinition/),
  })
  for (const side of SIDES) {
    const { serviceName } = stack.resolve(fleet.ecsServices[side]) as { serviceName: object }
    expect(JSON.stringify(environment['SCALABLE_JOB_ECS_SERVICES'])).toContain(
      JSON.stringify(serviceName),
    )
  }
})

test('the LD_PRELOAD and NODE_OPTIONS of an image do not reach the worker', () => {
  const { container } = aFleet(trainerJson())
  const environment = container('worker').Environment
  expect(environment).toContainEqual({ Name: 'LD_PRELOAD', Value: '' })
  expect(environment).toContainEqual({ Name: 'NODE_OPTIONS', Value: '' })
})

test('a worker that leaves nothing for jobs is refused, with what is enough', () => {
  const metadata = { name: 'trainer', type: 'ScalableJob', cpu: 1, memory: 256, gpu: 1 }
  expect(() => aFleet(trainerJson({ metadata }))).toThrow(/at least 256 MiB are needed/)
})
