import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions'
import { describe, expect, test } from 'vitest'
import { ScalableJob } from '../../lib/cdk/index.ts'
import type { ScalableJobProps } from '../../lib/cdk/scalable-job-props.ts'
import { aService } from '../support/a-service.ts'
import { makeApp, makeOutdir, synthService } from './synth-service.ts'

describe('props that cannot be are refused with the value and what is allowed', () => {
  test.each<[Partial<ScalableJobProps>, RegExp]>([
    [{ jobRetention: Duration.hours(36) }, /jobRetention is 1\.5 days; .*whole days/],
    [{ jobRetention: Duration.days(0) }, /jobRetention is 0 days/],
    [{ corsOrigins: ['https://a.example/'] }, /corsOrigins has "https:\/\/a\.example\/"/],
    [{ corsOrigins: ['a.example'] }, /corsOrigins has "a\.example"/],
    [{ throttlingRateLimit: 0 }, /throttlingRateLimit is 0/],
    [{ throttlingBurstLimit: 1.5 }, /throttlingBurstLimit is 1\.5/],
    [{ removalPolicy: RemovalPolicy.SNAPSHOT }, /removalPolicy is "snapshot"; .*RETAIN or DESTROY/],
    [{ service: aService({ labels: { 'aws:team': 'x' } }) }, /labels has "aws:team"/],
    [{ service: aService({ labels: { team: 'a#b' } }) }, /labels has "team": "a#b"/],
    [
      { frontEndAllowedCidrs: ['0.0.0.0/0'] },
      /frontEndAllowedCidrs cannot be used .* no front end/,
    ],
  ])('%o', (props, message) => {
    expect(() => synthService({ props })).toThrow(message)
  })
})

describe('a service in an app of one’s own', () => {
  function twoServices(): { stack: Stack; one: ScalableJob; other: ScalableJob } {
    const stack = new Stack(makeApp(), 'Mine')
    const one = new ScalableJob(stack, 'Digits', { service: aService() })
    const metadata = { name: 'letters', type: 'ScalableJob' }
    const other = new ScalableJob(stack, 'Letters', { service: aService({}, { metadata }) })
    return { stack, one, other }
  }

  test('stands beside others in one stack, and each is told apart by its metrics', () => {
    const { stack, one, other } = twoServices()
    Template.fromStack(stack).resourceCountIs('AWS::SQS::Queue', 8)
    expect(one.inputQueue('query')).not.toBe(other.inputQueue('query'))
    const dimensions = [one, other].map((job) => stack.resolve(job.metricWaiting().dimensions))
    expect(dimensions).toEqual([{ Service: 'digits' }, { Service: 'letters' }])
  })

  test('gauges show the most, counts their sum, durations their average, of a minute', () => {
    const { one } = twoServices()
    const statistics = (['JobsWaiting', 'JobsFailed', 'RunSeconds'] as const).map((name) => {
      const { statistic, period } = one.metric(name)
      return [statistic, period.toSeconds()]
    })
    expect(statistics).toEqual([
      ['Maximum', 60],
      ['Sum', 60],
      ['Average', 60],
    ])
    expect(one.metricBusy({ period: Duration.seconds(10) }).period.toSeconds()).toBe(10)
  })
})

test('it needs no feature flag of CDK, and brings no function but its own', () => {
  const app = new App({ outdir: makeOutdir() })
  const stack = new Stack(app, 'Mine')
  new ScalableJob(stack, 'Digits', { service: aService() })
  const template = Template.fromStack(stack)
  template.resourceCountIs('AWS::Lambda::Function', 3)
  template.resourceCountIs('Custom::LogRetention', 0)
  template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 })
})

test('a ScalableJobService has a front end, open to nobody but who is named', () => {
  const front_end = { image: 'gradio', port: 7860 }
  const metadata = { name: 'digits', type: 'ScalableJobService' }
  const service = aService({}, { metadata, front_end })
  const closed = synthService({ service })
  expect(closed.template.findOutputs('FrontEnd')).toHaveProperty('FrontEnd')
  const cidr = '203.0.113.0/24'
  const { template } = synthService({ service, props: { frontEndAllowedCidrs: [cidr] } })
  const openedTo = (each: Template): string[] =>
    JSON.stringify(each.toJSON()).match(/"CidrIp":"[^"]+"/g) ?? []
  expect(openedTo(template)).toContain(`"CidrIp":"${cidr}"`)
  expect(openedTo(closed.template)).not.toContain(`"CidrIp":"${cidr}"`)
})

test('what it is for stands on every resource as a tag, the labels of the service too', () => {
  const service = aService({ labels: { team: 'vision' } })
  synthService({ service }).template.allResourcesProperties('AWS::SQS::Queue', {
    Tags: Match.arrayWith([
      { Key: 'scalable-job:service', Value: 'digits' },
      { Key: 'team', Value: 'vision' },
    ]),
  })
})

test('a token of service.json is not deployed, and synthesis says what to do instead', () => {
  const { stack, template } = synthService({ service: aService({ token: 'hunter2' }) })
  expect(JSON.stringify(template.toJSON())).not.toContain('hunter2')
  Annotations.fromStack(stack).hasWarning(
    '*',
    Match.stringLikeRegexp('put your own into the secret'),
  )
})

test('the outputs tell how to read the token, try the API, and find everything, but no secret', () => {
  const { template } = synthService()
  const outputs = template.findOutputs('*')
  expect(Object.keys(outputs)).toEqual([
    'ApiUrl',
    'TokenSecret',
    'ReadToken',
    'SubmitJob',
    'CopyArtifacts',
    'Dashboard',
    'Bucket',
    'CommandQueue',
    'QueryQueue',
    'OutputQueue',
    'DeadLetterQueue',
  ])
  expect(JSON.stringify(outputs)).not.toContain('resolve:secretsmanager')
})
