import { Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import * as iam from 'aws-cdk-lib/aws-iam'
import * as lambda from 'aws-cdk-lib/aws-lambda'
import * as s3 from 'aws-cdk-lib/aws-s3'
import { describe, expect, test } from 'vitest'
import { ScalableJobStack } from '../../../lib/cdk/scalable-job-stack.ts'
import {
  checkpointPrefix,
  attemptPrefix,
  inputFileKey,
  logChunkKey,
} from '../../../lib/job/keys.ts'
import { readServiceFile } from '../../../lib/service/read-service-file.ts'
import { allows, type Statement, statementsOfRole, toName } from '../evaluate-policy.ts'
import { DIGITS, makeApp, synthService } from '../synth-service.ts'
import { aFleet, cpuJson, trainerJson, valueOf } from './a-fleet.ts'

const MINE = '1234567890123456789'
const OTHER = '1234567890123456780'

interface RoleResource {
  readonly Properties: {
    readonly AssumeRolePolicyDocument: { readonly Statement: readonly Statement[] }
    readonly MaxSessionDuration: number
  }
}

const { template, stack } = synthService()
const idOf = (type: string, like: RegExp): string => {
  const found = Object.keys(template.findResources(type)).find((id) => like.test(id))
  if (found === undefined) throw new Error(`no ${type} like ${like}`)
  return found
}
const bucket = `<${idOf('AWS::S3::Bucket', /Stores/)}.Arn>`
const taskRole = `<${idOf('AWS::IAM::Role', /FleetTaskRole/)}.Arn>`
const jobRoleId = idOf('AWS::IAM::Role', /FleetJobRole/)
const statements = statementsOfRole(template, jobRoleId)
const asJob = (id: string) => ({ 'aws:PrincipalTag/jobId': id })

describe('the session of a job', () => {
  const may = (action: string, key: string): boolean =>
    allows(statements, { action, resource: `${bucket}/${key}`, context: asJob(MINE) })
  const mayList = (prefix?: string): boolean =>
    allows(statements, {
      action: 's3:ListBucket',
      resource: bucket,
      context: { ...asJob(MINE), ...(prefix !== undefined && { 's3:prefix': prefix }) },
    })

  test('reads the input, logs and checkpoints of that job, of every attempt', () => {
    const first = attemptPrefix(MINE, 1)
    const files = [inputFileKey(MINE), logChunkKey(first, 0), `${checkpointPrefix(first, 3)}model`]
    for (const key of files) expect(may('s3:GetObject', key)).toBe(true)
    expect(mayList(`jobs/${MINE}/`)).toBe(true)
    expect(mayList(checkpointPrefix(first, 3))).toBe(true)
  })

  test.each([
    ['another job', `jobs/${OTHER}/1/artifacts/model`],
    ['a job whose id begins as this one', `jobs/${MINE}0/1/artifacts/model`],
    ['uploads, its own input among them', 'uploads/team/file'],
    ['what stands beside the jobs', 'jobs/'],
  ])('reads nothing of %s', (_what, key) => {
    expect(may('s3:GetObject', key)).toBe(false)
  })

  test.each([undefined, '', 'jobs/', `jobs/${OTHER}/`, `jobs/${MINE.slice(0, -1)}`, 'uploads/'])(
    'lists nothing below %j',
    (prefix) => {
      expect(mayList(prefix)).toBe(false)
    },
  )

  test('writes and deletes nothing, not even of its own', () => {
    const key = `${attemptPrefix(MINE, 1)}artifacts/model`
    for (const action of ['s3:PutObject', 's3:DeleteObject', 's3:PutObjectAcl']) {
      expect(may(action, key)).toBe(false)
    }
  })

  test('reaches no row, queue, secret, task or other role', () => {
    const actions = statements.flatMap(({ Action }) => [Action].flat())
    expect(actions.toSorted()).toEqual(['s3:GetObject', 's3:ListBucket'])
  })
})

test('a session without a job has no files of jobs', () => {
  for (const key of ['jobs/', `jobs/${MINE}/input`, 'jobs//input', 'jobs/undefined/input']) {
    const resource = `${bucket}/${key}`
    expect(allows(statements, { action: 's3:GetObject', resource })).toBe(false)
  }
})

describe('sessions of the job role', () => {
  const roles = template.findResources('AWS::IAM::Role') as Record<string, RoleResource>
  const { AssumeRolePolicyDocument, MaxSessionDuration } = roles[jobRoleId]?.Properties ?? {}
  const trust = AssumeRolePolicyDocument?.Statement ?? []
  const tagged = (tags: Record<string, string>) => ({
    ...Object.fromEntries(
      Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value]),
    ),
    'aws:TagKeys': Object.keys(tags),
  })
  const workers = statementsOfRole(template, idOf('AWS::IAM::Role', /FleetTaskRole/))

  test('are opened by workers of this service alone, for an hour', () => {
    const principals = new Set(trust.map(({ Principal }) => toName(Principal?.AWS)))
    expect([...principals]).toEqual([taskRole])
    expect(MaxSessionDuration).toBe(3600)
    const resource = `<${jobRoleId}.Arn>`
    expect(allows(trust, { action: 'sts:AssumeRole', principal: taskRole })).toBe(true)
    expect(allows(workers, { action: 'sts:AssumeRole', resource })).toBe(true)
  })

  test.each([
    ['the id of a job', { jobId: MINE }, true],
    ['an empty id', { jobId: '' }, false],
    ['another tag', { tenant: 'team' }, false],
    ['another tag beside the id', { jobId: MINE, tenant: 'team' }, false],
  ])('with %s as tag: %j, %s', (_what, tags, isAllowed) => {
    const context = tagged(tags)
    const action = 'sts:TagSession'
    expect(allows(trust, { action, principal: taskRole, context })).toBe(isAllowed)
    expect(allows(workers, { action, resource: `<${jobRoleId}.Arn>`, context })).toBe(isAllowed)
  })
})

test('jobs may be granted all of their own service, its API function among it, and more', () => {
  const { job } = new ScalableJobStack(makeApp(), 'Own', { service: readServiceFile(DIGITS) })
  const { jobRole } = job.fleet
  const own = job.node
    .findAll()
    .find((each) => each instanceof lambda.Function && /Api.Answer/.test(each.node.path))
  expect(own).toBeInstanceOf(lambda.Function)
  const grants = [
    job.grantSubmit(jobRole),
    job.grantReadResults(jobRole),
    job.grantConsumeOutput(jobRole),
    (own as lambda.Function).grantInvoke(jobRole),
    s3.Bucket.fromBucketName(job, 'Datasets', 'datasets').grantRead(jobRole),
  ]
  for (const grant of grants) expect(grant.success).toBe(true)
  expect(() => Template.fromStack(Stack.of(job))).not.toThrow()
})

test('what every job may do is there before a worker is', () => {
  const role = template.findResources('AWS::IAM::Role')[jobRoleId]
  expect(role?.['Properties'].Policies).toHaveLength(1)
  const attached = Object.values(template.findResources('AWS::IAM::Policy')).filter((policy) =>
    JSON.stringify(policy['Properties'].Roles).includes(jobRoleId),
  )
  expect(attached).toEqual([])
  expect(stack.job.fleet.jobRole).toBeInstanceOf(iam.Role)
})

test('workers are told the role', () => {
  const { container, fleet, stack: own } = aFleet(cpuJson())
  expect(valueOf(container('worker'), 'SCALABLE_JOB_JOB_ROLE')).toEqual(
    own.resolve(fleet.jobRole.roleArn),
  )
})

test('an image that starts its server itself has the role of its task, as ECS gives it', () => {
  const containers = [{ image: 'server:1', port: 8000 }]
  const { container, fleet } = aFleet(cpuJson({ containers }))
  expect(fleet.jobRole).toBe(fleet.taskRole)
  expect(valueOf(container('worker'), 'SCALABLE_JOB_JOB_ROLE')).toBeUndefined()
})

describe('folders of storage', () => {
  const storage = [{ mount_path: '/data', s3: { path: 's3://datasets/digits', readOnly: true } }]
  const readersOf = (kind: 'managed-instances' | 'auto-scaling-group'): string[] => {
    const { template: own } = aFleet(trainerJson({ storage }), { capacity: { kind } })
    return Object.keys(own.findResources('AWS::IAM::Role')).filter((id) =>
      JSON.stringify(statementsOfRole(own, id)).includes(':s3:::datasets/digits'),
    )
  }

  test('that a job syncs itself are read by the job role', () => {
    const [reader, ...others] = readersOf('auto-scaling-group')
    expect(reader).toMatch(/JobRole/)
    expect(others).toEqual([])
  })

  test('that ECS mounts are read by the task role', () => {
    expect(readersOf('managed-instances').join(' ')).toMatch(/TaskRole/)
    expect(readersOf('managed-instances').join(' ')).not.toMatch(/JobRole/)
  })
})

test('on a machine of an Auto Scaling group only root reaches the metadata address', () => {
  const { template: own } = aFleet(trainerJson(), { capacity: { kind: 'auto-scaling-group' } })
  const [launch] = Object.values(own.findResources('AWS::EC2::LaunchTemplate'))
  const userData = JSON.stringify(launch?.['Properties'].LaunchTemplateData.UserData)
  expect(userData).toMatch(/iptables .*169\.254\.169\.254 .*owner ! --uid-owner 0 --jump REJECT/)
})
