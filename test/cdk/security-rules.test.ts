import { Validations } from 'aws-cdk-lib'
import * as s3 from 'aws-cdk-lib/aws-s3'
import { AwsSolutionsChecks } from 'cdk-nag'
import { describe, expect, test } from 'vitest'
import { ScalableJobStack } from '../../lib/cdk/scalable-job-stack.ts'
import type { ScalableJobProps } from '../../lib/cdk/scalable-job-props.ts'
import { readServiceFile } from '../../lib/service/read-service-file.ts'
import { aService } from '../support/a-service.ts'
import { DIGITS, makeApp } from './synth-service.ts'

const SYNTH_MS = 60_000
const trainer = aService({}, { metadata: { name: 'trainer', type: 'ScalableJob', gpu: 1 } })
const withFrontEnd = aService(
  {},
  {
    metadata: { name: 'studio', type: 'ScalableJobService' },
    front_end: { image: 'gradio', port: 7860 },
  },
)

/** Every finding, where whatever is not acknowledged with a reason is an error. */
function findingsOf(props: ScalableJobProps, add?: (stack: ScalableJobStack) => void): string {
  const app = makeApp()
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
  const stack = new ScalableJobStack(app, 'Service', props)
  add?.(stack)
  try {
    app.synth()
    return ''
  } catch (error) {
    return String(error)
  }
}

describe('cdk-nag’s AwsSolutions and the template validation of CDK find nothing in', () => {
  test.each<[string, ScalableJobProps]>([
    ['the digits service', { service: readServiceFile(DIGITS) }],
    ['a service with GPUs on Managed Instances', { service: trainer }],
    [
      'a service with GPUs on Auto Scaling groups',
      { service: trainer, capacity: { kind: 'auto-scaling-group' } },
    ],
    ['a service with a front end', { service: withFrontEnd }],
  ])(
    '%s',
    (_what, props) => {
      expect(findingsOf(props)).toBe('')
    },
    SYNTH_MS,
  )

  test('anything, unless it is there: a plain bucket beside the service is found', () => {
    const service = readServiceFile(DIGITS)
    const found = findingsOf({ service }, (stack) => new s3.Bucket(stack, 'Plain'))
    expect(found).toContain('Service/Plain')
    expect(found).toMatch(/AwsSolutions-S1/)
  })
})
