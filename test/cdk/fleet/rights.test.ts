import { App, Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import * as iam from 'aws-cdk-lib/aws-iam'
import { describe, expect, test } from 'vitest'
import { WorkerFleet } from '../../../lib/cdk/fleet/worker-fleet.ts'
import { parseServiceConfig } from '../../../lib/service/parse-service-config.ts'
import { aFleet, someStores, trainerJson } from './a-fleet.ts'

interface Statement {
  readonly Action: string | string[]
  readonly Resource: unknown
  readonly Condition?: object
}

function rightsOf(
  grant: 'grantScaler' | 'grantObserver',
  kind: 'managed-instances' | 'auto-scaling-group',
) {
  const stack = new Stack(new App(), 'Test')
  const service = parseServiceConfig(trainerJson())
  const fleet = new WorkerFleet(stack, 'Fleet', {
    service,
    stores: someStores(stack),
    capacity: { kind },
  })
  const user = new iam.User(stack, 'Someone')
  fleet[grant](user)
  const policies = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'))
  const mine = policies.find(({ Properties }) => /Someone/.test(String(Properties.PolicyName)))
  return (mine?.['Properties']['PolicyDocument']['Statement'] ?? []) as Statement[]
}

const actionsOf = (statements: readonly Statement[]) =>
  statements.flatMap(({ Action }) => Action).toSorted()

/** Of these IAM knows no resource, or checks the cluster in a condition. */
const WITHOUT_RESOURCE = [
  'autoscaling:DescribeAutoScalingGroups',
  'autoscaling:DescribeScalingActivities',
  'ecs:DescribeTaskDefinition',
  'ecs:ListTaskDefinitions',
  'ecs:ListTasks',
]

const OBSERVE = [
  'ecs:DescribeServices',
  'ecs:DescribeTaskDefinition',
  'ecs:DescribeTasks',
  'ecs:ListTaskDefinitions',
  'ecs:ListTasks',
]

describe('rights', () => {
  test('an observer only looks', () => {
    expect(actionsOf(rightsOf('grantObserver', 'managed-instances'))).toEqual(OBSERVE)
  })

  test('the scaler counts and places, and hands over just the roles of the tasks', () => {
    const statements = rightsOf('grantScaler', 'managed-instances')
    expect(actionsOf(statements)).toEqual(
      [...OBSERVE, 'ecs:StopTask', 'ecs:UpdateService', 'iam:PassRole'].toSorted(),
    )
    const pass = statements.find(({ Action }) => Action === 'iam:PassRole')
    expect(JSON.stringify(pass?.Resource)).toMatch(/TaskRole.*ExecutionRole/)
    expect(pass?.Condition).toEqual({
      StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
    })
  })

  test('on Auto Scaling groups it sizes those groups, and machines of this cluster', () => {
    const statements = rightsOf('grantScaler', 'auto-scaling-group')
    expect(actionsOf(statements)).toEqual(
      expect.arrayContaining([
        'autoscaling:SetDesiredCapacity',
        'autoscaling:TerminateInstanceInAutoScalingGroup',
        'ecs:UpdateContainerInstancesState',
      ]),
    )
    const size = statements.find(({ Action }) => Action.includes('autoscaling:SetDesiredCapacity'))
    expect(JSON.stringify(size?.Resource)).toContain('autoScalingGroupName/')
  })

  test.each(['managed-instances', 'auto-scaling-group'] as const)(
    'every statement names its resources, but where IAM knows none (%s)',
    (kind) => {
      for (const { Action, Resource } of rightsOf('grantScaler', kind)) {
        if (Resource !== '*') continue
        for (const action of [Action].flat()) expect(WITHOUT_RESOURCE).toContain(action)
      }
    },
  )

  test('a worker protects tasks of its own cluster, and has the rights that stores give workers', () => {
    const policies = Object.values(aFleet(trainerJson()).template.findResources('AWS::IAM::Policy'))
    const text = JSON.stringify(
      policies.find(({ Properties }) => /TaskRole/.test(Properties.PolicyName)),
    )
    expect(text).toContain('ecs:UpdateTaskProtection')
    expect(text).toContain('ecs:GetTaskProtection')
    expect(text).toContain(':task/')
    expect(text).toContain('sqs:ReceiveMessage')
    expect(text).not.toContain('ecs:UpdateService')
  })
})
