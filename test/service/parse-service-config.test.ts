import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseServiceConfig } from '../../lib/service/parse-service-config.ts'
import { aServiceJson } from '../support/a-service.ts'

function readFixture(name: string): unknown {
  const file = join(import.meta.dirname, '../fixtures/services', `${name}.json`)
  return JSON.parse(readFileSync(file, 'utf8'))
}

const TRAINER = {
  metadata: { name: 'trainer', type: 'ScalableJob' },
  containers: [{ image: 'trainer' }],
}

describe('the samples of the PAI-EAS documentation', () => {
  it('takes the integrated Kohya service, and says what it does not use', () => {
    const service = parseServiceConfig(readFixture('kohya-integrated'))

    expect(service).toMatchObject({
      name: 'kohya_job',
      type: 'ScalableJobService',
      taskTypes: ['command'],
      resources: { cpu: 4, memoryMib: 15_000, gpu: 1, ephemeralStorageGib: 30 },
      frontEnd: { port: 8001, cpu: 2, memoryMib: 8192 },
      storage: [
        {
          mountPath: '/workspace',
          source: { kind: 'oss', bucket: 'examplebucket', prefix: 'kohya-demo/' },
          readOnly: false,
        },
      ],
      cloud: { instanceTypes: [] },
      logToQueue: { command: true, query: false },
    })
    expect(service.frontEnd?.command).toContain('--job-service')
    expect(service.ignored.map(({ path }) => path)).toEqual([
      'name',
      'storage[0].properties.resource_type',
      'cloud.computing.instance_type',
    ])
  })

  it('takes the independent Kohya service: jobs alone, without a front end', () => {
    const service = parseServiceConfig(readFixture('kohya-independent'))

    expect(service).toMatchObject({ type: 'ScalableJob', taskTypes: ['command'] })
    expect(service.frontEnd).toBeUndefined()
    expect(service.container).toEqual({
      image: 'eas-registry-vpc.cn-hangzhou.cr.aliyuncs.com/pai-eas/kohya_ss:2.2',
      env: {},
      startSeconds: 600,
    })
  })

  it('takes the inference service with its dotted key and uses every key of it', () => {
    const service = parseServiceConfig(readFixture('inference'))

    expect(service).toMatchObject({
      name: 'scalablejob',
      taskTypes: ['command', 'query'],
      container: { serverCommand: '/data/eas/ENV/bin/python /data/eas/app.py', port: 8000 },
      slots: { command: 1, query: 4 },
      ignored: [],
    })
  })

  it('scales by default as the documentation says', () => {
    const { scaling } = parseServiceConfig(TRAINER)

    expect(scaling).toEqual(parseServiceConfig(readFixture('default-autoscaler')).scaling)
    expect(scaling).toEqual({
      min: 1,
      max: 10,
      strategies: { avg_waiting_length: 2 },
      scaleUpStabilizationSeconds: 0,
      scaleDownStabilizationSeconds: 1,
      zeroGraceSeconds: 60,
      activationWorkers: 1,
      occupiedAfterSeconds: 30,
    })
  })
})

describe('a service.json that sets everything', () => {
  it('is honoured key by key', () => {
    expect(parseServiceConfig(readFixture('everything'))).toEqual({
      name: 'everything',
      version: expect.stringMatching(/^[0-9a-f]{12}$/),
      type: 'ScalableJobService',
      taskTypes: ['command', 'query'],
      container: {
        image: 'trainer:1',
        serverCommand: 'pip list; python serve.py',
        port: 8000,
        env: { HF_HOME: '/data/cache' },
        startSeconds: 120,
        jobUser: { uid: 1000, gid: 100 },
      },
      frontEnd: {
        image: 'ui:1',
        port: 80,
        env: {},
        cpu: 2,
        memoryMib: 8192,
        instanceType: 'm7i.large',
      },
      resources: {
        cpu: 8,
        memoryMib: 32_000,
        gpu: 2,
        sharedMemoryMib: 4096,
        ephemeralStorageGib: 1024,
      },
      cloud: {
        instanceTypes: [
          { type: 'g6.12xlarge', spot: false },
          { type: 'g5.12xlarge', spot: false },
        ],
      },
      storage: [
        {
          mountPath: '/data',
          source: { kind: 's3', bucket: 'models', prefix: 'shared/' },
          readOnly: true,
        },
        {
          mountPath: '/nfs',
          source: { kind: 'nfs', server: 'fs-1.efs.eu-central-1.amazonaws.com', path: '/' },
          readOnly: false,
        },
      ],
      slots: { command: 2, query: 3, queriesBesideCommand: true },
      jobDefaults: {
        command: {
          limits: { runSeconds: 7200, queueSeconds: 60, graceSeconds: 10 },
          retry: { maxRetries: 2, maxLosses: 1, backoffSeconds: 3 },
          checkpointSeconds: 0,
        },
        query: {
          limits: { runSeconds: 90, queueSeconds: 30, graceSeconds: 1 },
          retry: { maxRetries: 3, maxLosses: 0, backoffSeconds: 0.5 },
          checkpointSeconds: 0,
        },
      },
      intake: { inlineBytes: 1000, bodyBytes: 2000, maxWaitingJobs: 3 },
      timing: {
        beatSeconds: 2,
        leaseSeconds: { command: 60, query: 10 },
        lookSeconds: 5,
        kickOnSubmit: false,
        protectionMinutes: 30,
        protectionHoldSeconds: 7,
        stopSeconds: 45,
      },
      scaling: {
        min: 0,
        max: 20,
        strategies: { target_wait_seconds: 45 },
        scaleUpStabilizationSeconds: 4,
        scaleDownStabilizationSeconds: 5,
        zeroGraceSeconds: 6,
        activationWorkers: 2,
        occupiedAfterSeconds: 30,
      },
      logToQueue: { command: false, query: false },
      token: 'a-token-of-the-tests',
      registryAuth: 'dXNlcjpwYXNzd29yZA==',
      labels: { team: 'vision' },
      ignored: [],
    })
  })
})

describe('what a container means', () => {
  it('a command without a port runs once per worker, and there are command jobs only', () => {
    const containers = [{ image: 'trainer', command: 'nvidia-smi' }]
    const service = parseServiceConfig({ ...TRAINER, containers })

    expect(service.container).toMatchObject({ initCommand: 'nvidia-smi' })
    expect(service.container.serverCommand).toBeUndefined()
    expect(service.taskTypes).toEqual(['command'])
  })

  it('a port without a command is an image that starts its server itself', () => {
    const service = parseServiceConfig({
      ...TRAINER,
      containers: [{ image: 'triton', port: 8000 }],
    })

    expect(service.taskTypes).toEqual(['query'])
    expect(service.container).toEqual({ image: 'triton', port: 8000, env: {}, startSeconds: 600 })
  })

  it('PORT belongs to the worker where there is a model server, and to the user where not', () => {
    const env = [{ name: 'PORT', value: '1234' }]
    const server = parseServiceConfig({
      ...TRAINER,
      containers: [{ image: 'a', port: 8000, env }],
    })
    const trainer = parseServiceConfig({ ...TRAINER, containers: [{ image: 'a', env }] })

    expect(server.container.env).toEqual({})
    expect(server.ignored.map(({ path }) => path)).toEqual(['containers[0].env[0]'])
    expect(trainer.container.env).toEqual({ PORT: '1234' })
  })

  it('the queue gets the log lines of both task types, or of neither, once the switch is set', () => {
    const withSwitch = (isOn: boolean) =>
      parseServiceConfig({ ...TRAINER, scalable_job: { enable_write_log_to_queue: isOn } })

    expect(withSwitch(true).logToQueue).toEqual({ command: true, query: true })
    expect(withSwitch(false).logToQueue).toEqual({ command: false, query: false })
  })

  it('a machine with GPUs gives its worker one where no number is set', () => {
    const withMachine = (type: string) =>
      parseServiceConfig({ ...TRAINER, cloud: { computing: { instance_type: type } } })

    expect(withMachine('g5.xlarge').resources.gpu).toBe(1)
    expect(withMachine('ecs.gn6i-c4g1.xlarge').resources.gpu).toBe(1)
    expect(withMachine('m7i.large').resources.gpu).toBe(0)
    expect(withMachine('g5.xlarge').cloud.instanceTypes).toEqual([
      { type: 'g5.xlarge', spot: false },
    ])
  })
})

describe('the version', () => {
  const versionOf = (changes: object) =>
    parseServiceConfig({ ...aServiceJson(), ...changes }).version
  const before = versionOf({})

  it('stays when something changes that no worker sees', () => {
    expect(versionOf({ token: 'another-token' })).toBe(before)
    expect(versionOf({ labels: { team: 'vision' } })).toBe(before)
    expect(versionOf({ autoscaler: { max: 50 } })).toBe(before)
    const { timing } = aServiceJson().scalable_job
    const retimed = { timing: { ...timing, look_seconds: 3, kick_on_submit: false } }
    expect(versionOf({ scalable_job: retimed })).toBe(before)
  })

  it('stays when keys and environment variables stand in another order', () => {
    const env = [
      { name: 'A', value: '1' },
      { name: 'B', value: '2' },
    ]
    const first = versionOf({ containers: [{ image: 'a', port: 8000, env }] })
    const second = versionOf({ containers: [{ env: env.toReversed(), port: 8000, image: 'a' }] })
    expect(first).toBe(second)
  })

  it('changes with image, command, environment, resources, slots, storage and beats', () => {
    const { metadata, scalable_job: ours } = aServiceJson()
    const [container] = aServiceJson().containers
    const versions = [
      before,
      versionOf({ containers: [{ ...container, image: 'digits:2' }] }),
      versionOf({ containers: [{ ...container, command: 'python other.py' }] }),
      versionOf({ containers: [{ ...container, env: [{ name: 'A', value: '1' }] }] }),
      versionOf({ metadata: { ...metadata, memory: 9000 } }),
      versionOf({ metadata: { ...metadata, 'rpc.worker_threads': 2 } }),
      versionOf({ storage: [{ mount_path: '/data', s3: { path: 's3://models/' } }] }),
      versionOf({ scalable_job: { ...ours, timing: { ...ours.timing, beat_seconds: 0.1 } } }),
    ]
    expect(new Set(versions).size).toBe(versions.length)
  })
})

it('a parsed service cannot be changed by accident', () => {
  const service = parseServiceConfig(TRAINER)
  expect(() => Object.assign(service.scaling, { max: 99 })).toThrow(TypeError)
  expect(() => Object.assign(service, { name: 'other' })).toThrow(TypeError)
})
