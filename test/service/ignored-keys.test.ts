import { expect, it } from 'vitest'
import { parseServiceConfig } from '../../lib/service/parse-service-config.ts'

const METADATA = { name: 'digits', type: 'ScalableJob' }
const GOOD = { metadata: METADATA, containers: [{ image: 'digits' }] }

/** The report of ignored keys as an object from path to reason. */
function ignoredIn(raw: object): Record<string, string> {
  const { ignored } = parseServiceConfig(raw)
  return Object.fromEntries(ignored.map(({ path, why }) => [path, why]))
}

it('a service that only uses what is honoured has an empty report', () => {
  expect(ignoredIn({ ...GOOD, $schema: './service.schema.json' })).toEqual({})
})

it('a PAI-EAS key that means nothing here is taken and reported with the reason', () => {
  const raw = {
    ...GOOD,
    metadata: { ...METADATA, qos: 'BestEffort', 'rolling_strategy.max_surge': 2, group: 'g' },
    'unit.size': 2,
    networking: { gateway: 'gw' },
    cloud: { networking: { vpc_id: 'vpc-1' } },
  }
  expect(ignoredIn(raw)).toEqual({
    'metadata.qos': 'workers do not share CPU cores',
    'metadata.group': 'there are no service groups here',
    'metadata.rolling_strategy': expect.stringContaining('workers of its own'),
    unit: 'a worker is one machine',
    networking: expect.stringContaining('no shared gateway'),
    'cloud.networking': 'the network is given to the CDK construct',
  })
})

it('an unknown key of PAI-EAS objects is reported, with the key that was probably meant', () => {
  const raw = {
    ...GOOD,
    metadata: { ...METADATA, memroy: 3, zzz: 1, 'rpc.worker_thread': 4 },
    containers: [{ image: 'digits', prot: 8000 }],
    autoscalar: {},
  }
  expect(ignoredIn(raw)).toEqual({
    'metadata.memroy': 'unknown key; did you mean "memory"?',
    'metadata.zzz': 'unknown key',
    'metadata.rpc.worker_thread': 'unknown key; did you mean "worker_threads"?',
    'containers[0].prot': 'unknown key; did you mean "port"?',
    autoscalar: 'unknown key; did you mean "autoscaler"?',
  })
})

it('a key that loses against another is reported', () => {
  const raw = {
    ...GOOD,
    metadata: {
      ...METADATA,
      instance: 3,
      enable_webservice: true,
      'rpc.keepalive': 5000,
      'eas.termination_grace_period': 20,
    },
    containers: [{ image: 'digits', port: 8000 }],
    autoscaler: { min: 1 },
    queue: { max_delivery: 2, cpu: 1 },
    scalable_job: {
      limits: { query: { run_seconds: 9 } },
      timing: { stop_seconds: 10 },
      retry: { command: { max_retries: 1 }, query: { max_retries: 1 } },
    },
  }
  expect(Object.keys(ignoredIn(raw)).toSorted()).toEqual([
    'metadata.eas.termination_grace_period',
    'metadata.enable_webservice',
    'metadata.instance',
    'metadata.rpc.keepalive',
    'queue.cpu',
    'queue.max_delivery',
  ])
})

it('settings of query jobs are reported where there can be none', () => {
  const raw = {
    ...GOOD,
    metadata: { ...METADATA, rpc: { worker_threads: 3 } },
    scalable_job: { queries_beside_command: true, retry: { query: { max_retries: 1 } } },
  }
  expect(Object.keys(ignoredIn(raw)).toSorted()).toEqual([
    'metadata.rpc.worker_threads',
    'scalable_job.queries_beside_command',
    'scalable_job.retry.query',
  ])
})

it('containers behind the first, machines of another cloud and odd mounts are reported', () => {
  const raw = {
    metadata: { ...METADATA, type: 'ScalableJobService' },
    containers: [{ image: 'a' }, { image: 'b' }],
    front_end: { image: 'ui', port: 80, instance_type: 'ecs.c6.large', resource: 'eas-r-1' },
    cloud: {
      computing: {
        instances: [
          { type: 'ecs.gn6i-c4g1.xlarge', spot_price_limit: 1 },
          { type: 'g5.xlarge', spot_price_limit: 0.5, capacity: '50%' },
        ],
      },
    },
    storage: [{ mount_path: '/code', git: { repo: 'x' } }],
  }
  const service = parseServiceConfig(raw)

  expect(Object.keys(ignoredIn(raw)).toSorted()).toEqual([
    'cloud.computing.instances[0]',
    'cloud.computing.instances[1].capacity',
    'cloud.computing.instances[1].spot_price_limit',
    'containers[1]',
    'front_end.instance_type',
    'front_end.resource',
    'storage[0]',
    'storage[0].git',
  ])
  expect(service.cloud.instanceTypes).toEqual([{ type: 'g5.xlarge', spot: true }])
  expect(service.storage).toEqual([])
  expect(service.frontEnd?.instanceType).toBeUndefined()
})
