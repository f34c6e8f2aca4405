import { Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import * as iam from 'aws-cdk-lib/aws-iam'
import { describe, expect, test } from 'vitest'
import { ScalableJobStack } from '../../lib/cdk/scalable-job-stack.ts'
import { readServiceFile } from '../../lib/service/read-service-file.ts'
import { DIGITS, makeApp, synthService } from './synth-service.ts'

interface Statement {
  readonly Effect: string
  readonly Action: string | readonly string[]
  readonly Resource: unknown
  readonly Condition?: unknown
}

/** Every statement of every role, with the logical id of its policy. */
function statementsOf(template: Template, only: RegExp = /./): Statement[] {
  const policies = Object.entries(template.findResources('AWS::IAM::Policy'))
  return policies
    .filter(([id]) => only.test(id))
    .flatMap(([, { Properties }]) => {
      const { PolicyDocument } = Properties as { PolicyDocument: { Statement: Statement[] } }
      return PolicyDocument.Statement
    })
}

function actionsOf({ Action }: Statement): readonly string[] {
  return typeof Action === 'string' ? [Action] : Action
}

/** AWS lets these name no resource (Service Authorization Reference); conditions narrow the first. */
const WITHOUT_RESOURCE = [
  'autoscaling:DescribeAutoScalingGroups',
  'autoscaling:DescribeScalingActivities',
  'cloudwatch:PutMetricData',
  'ecr:GetAuthorizationToken',
  'ecs:DescribeTaskDefinition',
  'ecs:ListTaskDefinitions',
  'ecs:ListTasks',
]

describe('roles', () => {
  const { template } = synthService()
  const statements = statementsOf(template)

  test('name their resources wherever AWS has a name for them', () => {
    const wild = statements.filter(({ Resource }) => [Resource].flat().includes('*'))
    const actions = wild.flatMap((statement) => actionsOf(statement))
    expect(actions.filter((action) => !WITHOUT_RESOURCE.includes(action))).toEqual([])
  })

  test('name their actions one by one', () => {
    const actions = statements.flatMap((statement) => actionsOf(statement))
    expect(actions.filter((action) => action.includes('*'))).toEqual([])
  })

  test('may delete rows and messages, and nothing else', () => {
    const actions = statements.flatMap((statement) => actionsOf(statement))
    const deletes = new Set(actions.filter((action) => /delete|remove|purge/i.test(action)))
    expect([...deletes].toSorted()).toEqual(['dynamodb:DeleteItem', 'sqs:DeleteMessage'])
  })

  test('write metrics into the one namespace only', () => {
    const metrics = statements.filter((each) =>
      actionsOf(each).includes('cloudwatch:PutMetricData'),
    )
    expect(metrics.map(({ Condition }) => Condition)).toEqual([
      { StringEquals: { 'cloudwatch:namespace': 'ScalableJob' } },
    ])
  })

  test('the API may neither write results nor change the fleet', () => {
    const api = statementsOf(template, /^JobApiAnswer/)
    const changes = api
      .flatMap((each) => actionsOf(each))
      .filter((action) => action.startsWith('ecs:'))
    expect(changes.filter((action) => !/^ecs:(Describe|List)/.test(action))).toEqual([])
    const writes = api.filter((each) => actionsOf(each).includes('s3:PutObject'))
    expect(JSON.stringify(writes)).toMatch(/\/jobs\/\*\/input"/)
    expect(JSON.stringify(writes)).not.toMatch(/\/jobs\/\*"/)
  })

  test('only API and authorizer read the tokens', () => {
    const readers = Object.keys(template.findResources('AWS::IAM::Policy')).filter((id) =>
      JSON.stringify(statementsOf(template, new RegExp(`^${id}$`))).includes('GetSecretValue'),
    )
    expect(readers).toHaveLength(2)
    for (const id of readers) expect(id).toMatch(/^JobApi(Answer|Authorize)/)
  })
})

describe('grants for what is beside the service', () => {
  function grantTo(grant: (job: ScalableJobStack['job'], grantee: iam.IGrantable) => unknown) {
    const app = makeApp()
    const stack = new ScalableJobStack(app, 'Service', { service: readServiceFile(DIGITS) })
    const role = new iam.Role(stack, 'Caller', { assumedBy: new iam.AccountRootPrincipal() })
    grant(stack.job, role)
    return statementsOf(Template.fromStack(Stack.of(role)), /^Caller/)
  }

  test('submitting takes reading the token', () => {
    const statements = grantTo((job, role) => job.grantSubmit(role))
    expect(statements.flatMap((each) => actionsOf(each))).toEqual(['secretsmanager:GetSecretValue'])
  })

  test('reading results reaches the folder of jobs, without inputs that wait for one', () => {
    const statements = grantTo((job, role) => job.grantReadResults(role))
    expect(statements.flatMap((each) => actionsOf(each))).toEqual(['s3:GetObject', 's3:ListBucket'])
    expect(JSON.stringify(statements)).toContain('/jobs/*')
    expect(JSON.stringify(statements)).not.toContain('uploads')
  })

  test('consuming the output is receiving and deleting', () => {
    const statements = grantTo((job, role) => job.grantConsumeOutput(role))
    expect(statements.flatMap((each) => actionsOf(each))).toEqual([
      'sqs:DeleteMessage',
      'sqs:ReceiveMessage',
    ])
  })
})

test('jobs may be given every grant of their own service: nothing then waits for itself', () => {
  const { job } = new ScalableJobStack(makeApp(), 'Own', { service: readServiceFile(DIGITS) })
  const { taskRole } = job.fleet
  const grants = [job.grantSubmit(taskRole), job.grantReadResults(taskRole)]
  grants.push(job.grantConsumeOutput(taskRole))
  for (const grant of grants) expect(grant.success).toBe(true)
  expect(() => Template.fromStack(Stack.of(job))).not.toThrow()
})
