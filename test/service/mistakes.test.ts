import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { GOOD, mistakesIn, withContainer, withMetadata } from './mistakes-in.ts'

const FRONT_END = { image: 'ui', port: 80 }

/** What is wrong, the input, and how its only mistake begins. */
const TABLE: readonly [string, unknown, string][] = [
  [
    'a name with capitals',
    withMetadata({ name: 'Digits' }),
    'metadata.name: is not a service name; got "Digits"; allowed: 1 to 63 lower-case letters, digits, - and _, beginning with a letter',
  ],
  [
    'a name of 64 characters',
    withMetadata({ name: 'a'.repeat(64) }),
    'metadata.name: is not a service name',
  ],
  ['a name that climbs', withMetadata({ name: '../x' }), 'metadata.name: is not a service name'],
  [
    'no type',
    { ...GOOD, metadata: { name: 'digits' } },
    'metadata.type: is missing; got nothing; allowed: "ScalableJob", "ScalableJobService"',
  ],
  [
    'an unknown type',
    withMetadata({ type: 'Job' }),
    'metadata.type: is not a type of service that is supported; got "Job"; allowed: "ScalableJob", ',
  ],
  [
    'memory as text',
    withMetadata({ memory: '15GB' }),
    'metadata.memory: is not a number; got "15GB"; allowed: a number',
  ],
  [
    'half a GPU',
    withMetadata({ gpu: 0.5 }),
    'metadata.gpu: is not a whole number; got 0.5; allowed: a whole number',
  ],
  [
    'less than no workers',
    withMetadata({ instance: -1 }),
    'metadata.instance: is too small; got -1; allowed: at least 0',
  ],
  [
    'more workers than the most',
    withMetadata({ instance: 11 }),
    'metadata.instance: is more than autoscaler.max, which is 10; got 11; allowed: 0 to 10, or a larger autoscaler.max',
  ],
  [
    'two values for one key',
    withMetadata({ 'rpc.keepalive': 5, rpc: { keepalive: 6 } }),
    'metadata.rpc.keepalive: is given both nested and dotted, with two values; got 5; allowed: one of the two forms',
  ],
  [
    'a wrong dotted value',
    withMetadata({ 'rpc.worker_threads': 0 }),
    'metadata.rpc.worker_threads: is too small; got 0; allowed: at least 1',
  ],
  [
    'no container',
    { ...GOOD, containers: [] },
    'containers: is empty; got a list of 0; allowed: at least 1 entry',
  ],
  [
    'no image',
    { ...GOOD, containers: [{ port: 8000 }] },
    'containers[0].image: is missing; got nothing; allowed: text',
  ],
  [
    'a reserved port',
    withContainer({ port: 8080 }),
    'containers[0].port: is reserved by the PAI-EAS engine; got 8080; allowed: any port but 8080 and 9090',
  ],
  ['the other reserved port', withContainer({ port: 9090 }), 'containers[0].port: is reserved'],
  [
    'a port out of range',
    withContainer({ port: 65_536 }),
    'containers[0].port: is too large; got 65536; allowed: at most 65535',
  ],
  [
    'command and script',
    withContainer({ command: 'a', script: 'b' }),
    'containers[0].script: stands beside command, and only one can be started; got "both"; allowed: command or script',
  ],
  [
    'a NUL in the command',
    withContainer({ command: 'a\0b' }),
    'containers[0].command: has a NUL character; ',
  ],
  [
    'a bad variable name',
    withContainer({ env: [{ name: '1A', value: '' }] }),
    'containers[0].env[0].name: is not a name of an environment variable; got "1A"; allowed: ',
  ],
  [
    'a variable given twice',
    withContainer({
      env: [
        { name: 'A', value: '1' },
        { name: 'A', value: '2' },
      ],
    }),
    'containers[0].env[1].name: is given twice, first in env[0]; got "A"; allowed: each name once',
  ],
  [
    'a reserved variable',
    withContainer({ env: [{ name: 'SCALABLE_JOB_ID', value: '1' }] }),
    'containers[0].env[0].name: is a name that the worker sets itself; got "SCALABLE_JOB_ID"; allowed: any name but ',
  ],
  [
    'the variable of the ECS agent',
    withContainer({ env: [{ name: 'ECS_AGENT_URI', value: '1' }] }),
    'containers[0].env[0].name: is a name that the worker sets itself',
  ],
  [
    'no front end',
    withMetadata({ type: 'ScalableJobService' }),
    'front_end: is missing, and a ScalableJobService consists of jobs and a front end; got nothing; allowed: ',
  ],
  [
    'a front end too many',
    { ...GOOD, front_end: FRONT_END },
    'front_end: is given, but a ScalableJob has no front end; got an object with image, port',
  ],
  [
    'a front end without a port',
    { ...withMetadata({ type: 'ScalableJobService' }), front_end: { image: 'ui' } },
    'front_end.port: is missing',
  ],
  [
    'min above max',
    { ...GOOD, autoscaler: { min: 5, max: 3 } },
    'autoscaler.min: is more than autoscaler.max, which is 3; got 5; allowed: 0 to 3',
  ],
  [
    'a negative min',
    { ...GOOD, autoscaler: { min: -1 } },
    'autoscaler.min: is too small; got -1; allowed: at least 0',
  ],
  [
    'no worker at most',
    { ...GOOD, autoscaler: { max: 0 } },
    'autoscaler.max: is too small; got 0; allowed: at least 1',
  ],
  [
    'activation above max',
    { ...GOOD, autoscaler: { max: 3, behavior: { onZero: { scaleUpActivationReplicas: 4 } } } },
    'autoscaler.behavior.onZero.scaleUpActivationReplicas: is more than autoscaler.max, which is 3; got 4; allowed: 1 to 3',
  ],
  [
    'a key of ours in another spelling',
    { ...GOOD, scalable_job: { commandSlots: 2 } },
    'scalable_job.commandSlots: is not a known key; did you mean "command_slots"?; allowed: enable_write_log_to_queue, command_slots, ',
  ],
  [
    'a metric of another service type',
    { ...GOOD, autoscaler: { strategies: { qps: 3 } } },
    'autoscaler.strategies.qps: is not a known key; allowed: avg_waiting_length, target_wait_seconds',
  ],
  [
    'a slip deep inside',
    { ...GOOD, scalable_job: { limits: { query: { run_second: 3 } } } },
    'scalable_job.limits.query.run_second: is not a known key; did you mean "run_seconds"?; allowed: run_seconds, ',
  ],
  [
    'a lease too short for the beats',
    { ...GOOD, scalable_job: { timing: { lease_seconds: { query: 11 } } } },
    'scalable_job.timing.lease_seconds.query: is too short for beat_seconds 10: two late beats would look like a dead worker; got 11; allowed: at least 25 (2.5 × beat_seconds)',
  ],
  [
    'a payload row too large for the table',
    { ...GOOD, scalable_job: { intake: { inline_bytes: 300_000 } } },
    'scalable_job.intake.inline_bytes: is too large; got 300000; allowed: at most 262144',
  ],
  [
    'a time that no timer can hold',
    { ...GOOD, scalable_job: { limits: { command: { run_seconds: 1e10 } } } },
    'scalable_job.limits.command.run_seconds: is too large',
  ],
  [
    'a relative mount path',
    { ...GOOD, storage: [{ mount_path: 'data', s3: { path: 's3://abc/' } }] },
    'storage[0].mount_path: is not an absolute path',
  ],
  [
    'a mount path that climbs',
    { ...GOOD, storage: [{ mount_path: '/a/../b', s3: { path: 's3://abc/' } }] },
    'storage[0].mount_path: is not an absolute path without . and ..',
  ],
  [
    'a mount of nothing',
    { ...GOOD, storage: [{ mount_path: '/a' }] },
    'storage[0]: does not say what to mount; got an object with mount_path; allowed: exactly one of s3, oss and nfs',
  ],
  [
    'a mount of two things',
    { ...GOOD, storage: [{ mount_path: '/a', s3: { path: 's3://abc/' }, nfs: { server: 'x' } }] },
    'storage[0]: names more than one source; got "s3, nfs"; allowed: exactly one',
  ],
  [
    'two mounts at one place',
    {
      ...GOOD,
      storage: [
        { mount_path: '/a', s3: { path: 's3://abc/' } },
        { mount_path: '/a/', s3: { path: 's3://abc/' } },
      ],
    },
    'storage[1].mount_path: is already the path of storage[0]; got "/a"',
  ],
  [
    'an address in another cloud',
    { ...GOOD, storage: [{ mount_path: '/a', oss: { path: 's3://abc/' } }] },
    'storage[0].oss.path: is not an address in OSS; got "s3://abc/"',
  ],
  [
    'an amount without a unit',
    { ...GOOD, features: { 'eas.aliyun.com/extra-ephemeral-storage': '30' } },
    'features["eas.aliyun.com/extra-ephemeral-storage"]: is not an amount of storage; got "30"',
  ],
  [
    'one machine and several',
    {
      ...GOOD,
      cloud: { computing: { instance_type: 'g5.xlarge', instances: [{ type: 'g6.xlarge' }] } },
    },
    'cloud.computing.instance_type: stands beside cloud.computing.instances; got "g5.xlarge"; allowed: instance_type or instances',
  ],
  ['nothing at all', undefined, '(root): is missing; got nothing; allowed: an object'],
  ['a list', [], '(root): is not an object; got a list of 0; allowed: an object'],
  [
    'text',
    '{"token": "very-secret"}',
    '(root): is text that is not parsed yet; got 24 characters; allowed: an object; parseServiceText takes text',
  ],
]

describe('a mistake is named with its path, the value given and what is allowed', () => {
  it.each(TABLE)('%s', (_what, raw, expected) => {
    const mistakes = mistakesIn(raw)
    expect(mistakes).toHaveLength(1)
    expect(mistakes[0]).toContain(expected)
    expect(mistakes[0]?.indexOf(expected)).toBe(0)
  })
})

it('all mistakes are named at once', () => {
  const raw = {
    metadata: { name: 'Digits', type: 'ScalableJob', cpu: 'many' },
    containers: [{ image: 'a', port: 8080 }],
    autoscaler: { mim: 3 },
    scalable_job: { timing: { beat_seconds: 20 } },
  }
  expect(mistakesIn(raw).map((line) => line.split(':')[0])).toEqual([
    'metadata.name',
    'metadata.cpu',
    'containers[0].port',
    'scalable_job.timing.lease_seconds.query',
    'autoscaler.mim',
  ])
})

it('an Async service gets told what to use instead', () => {
  const file = join(import.meta.dirname, '../fixtures/services/async.json')
  const mistakes = mistakesIn(JSON.parse(readFileSync(file, 'utf8')))

  expect(mistakes).toHaveLength(1)
  expect(mistakes[0]).toMatch(/^metadata\.type: .*as ScalableJob.*got "Async".*"ScalableJob"/)
})
