import { App, Stack } from 'aws-cdk-lib'
import { Match, Template } from 'aws-cdk-lib/assertions'
import * as sns from 'aws-cdk-lib/aws-sns'
import { expect, test } from 'vitest'
import { METRICS } from '../../lib/registry/metrics.ts'
import { Monitoring } from '../../lib/cdk/monitoring/monitoring.ts'
import type { MonitoringSettings } from '../../lib/cdk/monitoring/monitoring-props.ts'
import { workerHourUsd } from '../../lib/cdk/monitoring/worker-hour-usd.ts'
import { aService } from '../support/a-service.ts'

test('every alarm tells the topic when it begins and when it is over', () => {
  const template = synthesize()
  const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm'))
  expect(alarms).toHaveLength(6)
  const [topicId] = Object.keys(template.findResources('AWS::SNS::Topic'))
  for (const { Properties } of alarms) {
    expect(Properties['AlarmActions']).toEqual([{ Ref: topicId }])
    expect(Properties['OKActions']).toEqual([{ Ref: topicId }])
    expect(Properties['AlarmDescription']).toMatch(/^digits: .+\.$/s)
  }
})

test('a scaler that decides nothing for three minutes is an alarm, data or not', () => {
  synthesize().hasResourceProperties('AWS::CloudWatch::Alarm', {
    Namespace: 'ScalableJob',
    MetricName: 'WorkersWanted',
    Dimensions: [{ Name: 'Service', Value: 'digits' }],
    Statistic: 'SampleCount',
    Period: 60,
    EvaluationPeriods: 3,
    Threshold: 1,
    ComparisonOperator: 'LessThanThreshold',
    TreatMissingData: 'breaching',
  })
})

test('how long a job may wait and a worker may be missing is the choice of the owner', () => {
  const template = synthesize({ oldestWaitingSeconds: 90, missingWorkerMinutes: 7 })
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    MetricName: 'OldestWaitingSeconds',
    Threshold: 90,
  })
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    EvaluationPeriods: 7,
    Metrics: Match.arrayWith([Match.objectLike({ Expression: 'wanted - running' })]),
  })
})

test('dead letters and answers with 5xx are alarms', () => {
  const template = synthesize()
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    MetricName: 'DeadLetters',
    Threshold: 0,
    ComparisonOperator: 'GreaterThanThreshold',
  })
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    Namespace: 'AWS/ApiGateway',
    MetricName: '5xx',
    Dimensions: [{ Name: 'ApiId', Value: 'api-id' }],
  })
})

test('the topic is encrypted, refuses what is not TLS, and takes alarms of this account alone', () => {
  const template = synthesize({ alarmEmails: ['on-call@example.com'] })
  template.hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: Match.anyValue() })
  const statement = (properties: Record<string, unknown>) =>
    Match.objectLike({
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike(properties)]) },
    })
  template.hasResourceProperties(
    'AWS::SNS::TopicPolicy',
    statement({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
  )
  template.hasResourceProperties(
    'AWS::SNS::TopicPolicy',
    statement({
      Effect: 'Allow',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    }),
  )
  template.hasResourceProperties('AWS::SNS::Subscription', {
    Protocol: 'email',
    Endpoint: 'on-call@example.com',
  })
  template.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true })
})

test('a topic of the account takes the place of one of its own', () => {
  const stack = new Stack(new App(), 'Stack')
  const alarmTopic = sns.Topic.fromTopicArn(stack, 'Own', 'arn:aws:sns:us-east-1:1:alarms')
  const template = synthesize({ alarmTopic }, stack)
  template.resourceCountIs('AWS::SNS::Topic', 0)
  template.resourceCountIs('AWS::KMS::Key', 0)
  template.allResourcesProperties('AWS::CloudWatch::Alarm', {
    AlarmActions: ['arn:aws:sns:us-east-1:1:alarms'],
  })
})

test('the dashboard shows every metric of the service, and fits into the free allowance', () => {
  const body = dashboardOf(synthesize())
  for (const name of Object.keys(METRICS)) {
    if (name === 'DeadLetters') continue // an alarm of its own, and its queue is shown
    expect(body).toContain(`"${name}"`)
  }
  const { widgets } = JSON.parse(body) as { widgets: { properties: { metrics?: unknown[] } }[] }
  const shown = widgets.flatMap(({ properties }) => properties.metrics ?? [])
  expect(shown.length).toBeLessThanOrEqual(50)
})

test('costs are running workers times the given price, or the list price of their machine', () => {
  expect(dashboardOf(synthesize({ workerHourUsd: 2.5 }))).toContain('running * 2.5')
  const gpu = { name: 'digits', type: 'ScalableJob', gpu: 1 }
  const on = (type: string) =>
    workerHourUsd(aService({}, { metadata: gpu, cloud: { computing: { instance_type: type } } }))
  expect(on('g5.xlarge')).toBe(1.006)
  expect(on('z9.unheard')).toBeUndefined()
  expect(workerHourUsd(aService({}, { metadata: gpu })), 'the cheapest that fits').toBe(0.526)
  const small = { name: 'digits', type: 'ScalableJob', cpu: 1, memory: 2048 }
  const onFargate = workerHourUsd(aService({}, { metadata: small }))
  expect(onFargate, 'without GPU: Fargate').toBeCloseTo(0.04048 + 2 * 0.004445)
})

test('without a known price the dashboard shows worker hours and claims no dollars', () => {
  const service = aService({}, { metadata: { name: 'digits', type: 'ScalableJob', gpu: 16 } })
  const body = dashboardOf(synthesize({}, undefined, service))
  expect(body).toContain('worker hours')
  expect(body).not.toContain('US dollars')
})

test('no dashboard is made where none is wanted', () => {
  synthesize({ dashboard: false }).resourceCountIs('AWS::CloudWatch::Dashboard', 0)
})

function synthesize(
  settings: MonitoringSettings = {},
  stack = new Stack(new App(), 'Stack'),
  service = aService(),
): Template {
  new Monitoring(stack, 'Monitoring', {
    service,
    queueNames: { command: 'command', query: 'query', output: 'output', dead: 'dead' },
    apiFunctionName: 'api',
    scalerFunctionName: 'scaler',
    httpApiId: 'api-id',
    fleet: { clusterName: 'cluster', serviceNames: { a: 'workers-a', b: 'workers-b' } },
    settings,
  })
  return Template.fromStack(stack)
}

/** The page as text; what the deploy fills in reads `token`. */
function dashboardOf(template: Template): string {
  const [dashboard] = Object.values(template.findResources('AWS::CloudWatch::Dashboard'))
  const { DashboardBody: body } = (dashboard?.['Properties'] ?? {}) as {
    DashboardBody?: { 'Fn::Join': [string, unknown[]] }
  }
  const [separator, parts] = body?.['Fn::Join'] ?? ['', []]
  return parts.map((part) => (typeof part === 'string' ? part : 'token')).join(separator)
}
