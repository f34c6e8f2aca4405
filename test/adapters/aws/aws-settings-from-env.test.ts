import { describe, expect, test } from 'vitest'
import {
  awsSettingsFromEnv,
  readStoreSettings,
} from '../../../lib/adapters/aws/aws-settings-from-env.ts'
import { readEnvironment } from '../../../lib/parsing/settings-reader.ts'
import { ServiceError } from '../../../lib/registry/errors.ts'

const STORE = {
  SCALABLE_JOB_TABLE: 'jobs',
  SCALABLE_JOB_BUCKET: 'files',
  SCALABLE_JOB_QUEUE_URLS: '{"command":"https://sqs.eu-west-1.amazonaws.com/1/command"}',
}
const ALL = {
  ...STORE,
  SCALABLE_JOB_CLUSTER: 'cluster',
  SCALABLE_JOB_ECS_SERVICES: '{"a":"side-a","b":"side-b"}',
  SCALABLE_JOB_TASK_DEFINITION: 'arn:aws:ecs:eu-west-1:1:task-definition/worker:7',
  PATH: '/bin',
}

function mistakesIn(env: Record<string, string | undefined>): string[] {
  try {
    awsSettingsFromEnv(env)
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    expect(error.code).toBe('invalid-environment')
    return error.details.map(({ path }) => path).toSorted()
  }
  return []
}

describe('settings of AWS come from the environment', () => {
  test('those of a worker', () => {
    expect(readEnvironment(STORE, 'the environment', readStoreSettings)).toEqual({
      tableName: 'jobs',
      bucketName: 'files',
      queueUrls: { command: 'https://sqs.eu-west-1.amazonaws.com/1/command' },
    })
  })

  test('those of API and scaler', () => {
    expect(awsSettingsFromEnv(ALL)).toMatchObject({
      tableName: 'jobs',
      clusterName: 'cluster',
      ecsServices: { a: 'side-a', b: 'side-b' },
      taskDefinitionArn: 'arn:aws:ecs:eu-west-1:1:task-definition/worker:7',
    })
  })

  test('those of a scaler that sizes Auto Scaling groups', () => {
    expect(awsSettingsFromEnv(ALL)).not.toHaveProperty('machines')
    const machines = { groups: ['spot', 'on-demand'], idleSeconds: 60 }
    const env = { ...ALL, SCALABLE_JOB_MACHINES: JSON.stringify(machines) }
    expect(awsSettingsFromEnv(env).machines).toEqual(machines)
  })

  test('and every mistake is named at once', () => {
    expect(mistakesIn({})).toEqual([
      'env.SCALABLE_JOB_BUCKET',
      'env.SCALABLE_JOB_CLUSTER',
      'env.SCALABLE_JOB_ECS_SERVICES',
      'env.SCALABLE_JOB_QUEUE_URLS',
      'env.SCALABLE_JOB_TABLE',
      'env.SCALABLE_JOB_TASK_DEFINITION',
    ])
  })

  test.each([
    ['no JSON', { SCALABLE_JOB_QUEUE_URLS: 'https://queue' }, 'env.SCALABLE_JOB_QUEUE_URLS'],
    [
      'a queue that is none of ours',
      { SCALABLE_JOB_QUEUE_URLS: '{"other":"https://queue"}' },
      'env.SCALABLE_JOB_QUEUE_URLS.other',
    ],
    [
      'a URL that is none',
      { SCALABLE_JOB_QUEUE_URLS: '{"command":"queue"}' },
      'env.SCALABLE_JOB_QUEUE_URLS.command',
    ],
    [
      'a side left out',
      { SCALABLE_JOB_ECS_SERVICES: '{"a":"side-a"}' },
      'env.SCALABLE_JOB_ECS_SERVICES.b',
    ],
    [
      'a family instead of a revision',
      { SCALABLE_JOB_TASK_DEFINITION: 'arn:aws:ecs:eu-west-1:1:task-definition/worker' },
      'env.SCALABLE_JOB_TASK_DEFINITION',
    ],
    ['an empty name', { SCALABLE_JOB_TABLE: '' }, 'env.SCALABLE_JOB_TABLE'],
    [
      'no group to size',
      { SCALABLE_JOB_MACHINES: '{"groups":[],"idleSeconds":60}' },
      'env.SCALABLE_JOB_MACHINES.groups',
    ],
  ])('%s is a mistake at its place', (_, change, path) => {
    expect(mistakesIn({ ...ALL, ...change })).toEqual([path])
  })
})
