import { Match } from 'aws-cdk-lib/assertions'
import { describe, expect, test } from 'vitest'
import { ENV } from '../../lib/registry/env.ts'
import { readService, serialiseForFunctions } from '../../lib/service/serialised-service.ts'
import { aService, aServiceJson } from '../support/a-service.ts'
import { synthService } from './synth-service.ts'

interface FunctionProperties {
  readonly Description?: string
  readonly Runtime: string
  readonly Timeout: number
  readonly Environment: { readonly Variables: Record<string, unknown> }
}

describe('functions', () => {
  const { template } = synthService()
  const functions = Object.values(template.findResources('AWS::Lambda::Function')).map(
    ({ Properties }) => Properties as FunctionProperties,
  )

  test('run on Node 24 on ARM, log as JSON for 30 days, and reserve no concurrency', () => {
    expect(functions).toHaveLength(3)
    template.allResourcesProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      LoggingConfig: Match.objectLike({ LogFormat: 'JSON', LogGroup: Match.anyValue() }),
      ReservedConcurrentExecutions: Match.absent(),
      VpcConfig: Match.absent(),
    })
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 })
  })

  test('get variables of the registry only', () => {
    const known = new Set<string>(Object.values(ENV).map(({ name }) => name))
    const set = functions.flatMap(({ Environment }) => Object.keys(Environment.Variables))
    expect(set.filter((name) => !known.has(name))).toEqual([])
  })

  test('the API ends before API Gateway does, the scaler after its minute and its last look', () => {
    const timeoutOf = (what: RegExp) =>
      functions.find(({ Description = '' }) => what.test(Description))?.Timeout ?? 0
    expect(timeoutOf(/^API of/)).toBeLessThan(30)
    expect(timeoutOf(/^Scaler of/)).toBeGreaterThanOrEqual(60 + 15)
    expect(timeoutOf(/^Authorizer of/)).toBeLessThanOrEqual(10)
  })
})

describe('the scaler', () => {
  const { template } = synthService()

  test('starts each minute, and neither the rule nor Lambda repeats an event or keeps an old one', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(1 minute)',
      Targets: [
        Match.objectLike({
          RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
        }),
      ],
    })
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
    })
  })
})

test('the service travels with the code, less everything that may be secret', () => {
  const service = aService(
    { token: 'hunter2' },
    {
      dockerAuth: Buffer.from('user:hunter2').toString('base64'),
      containers: [
        { ...aServiceJson().containers[0], env: [{ name: 'HF_TOKEN', value: 'hunter2' }] },
      ],
    },
  )
  const text = serialiseForFunctions(service)
  expect(text).not.toContain('hunter2')
  expect(text).not.toContain(service.registryAuth)
  const { version, scaling, intake, taskTypes } = service
  expect(readService(text, 'service.json')).toMatchObject({ version, scaling, intake, taskTypes })
})
