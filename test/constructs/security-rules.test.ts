import { Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks } from 'cdk-nag'
import { expect, test } from 'vitest'
import { ScalableJobStack } from '../../lib/constructs/scalable-job-stack.ts'
import { readServiceFile } from '../../lib/local/read-service-file.ts'
import { DIGITS, makeApp } from './synth-service.ts'

test('the digits service passes cdk-nag’s AwsSolutions and the template validation of CDK', () => {
  const app = makeApp()
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
  const service = readServiceFile(DIGITS)
  const stack = new ScalableJobStack(app, 'ScalableJob-digits', { service })
  expect(stack.job.service).toBe(service)
  expect(() => app.synth()).not.toThrow()
})
