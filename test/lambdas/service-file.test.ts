import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { expect, test } from 'vitest'
import { ScalableJob } from '../../lib/cdk/scalable-job.ts'
import { readService } from '../../lib/service/serialised-service.ts'
import { makeApp } from '../cdk/synth-service.ts'
import { aService } from '../support/a-service.ts'

test('of two services in one app each function carries its own', () => {
  const app = makeApp()
  const stack = new Stack(app, 'Both')
  for (const name of ['one', 'other']) {
    const metadata = { name, type: 'ScalableJob' }
    new ScalableJob(stack, name, { service: aService({}, { metadata }) })
  }
  const functions = Object.values(
    Template.fromStack(stack).findResources('AWS::Lambda::Function'),
  ).map(({ Properties }) => Properties as { Description: string; Code: { S3Key: string } })
  const carried = functions
    .filter(({ Description }) => Description.startsWith('API of '))
    .map(({ Description, Code }) => {
      const folder = join(app.outdir, `asset.${Code.S3Key.replace('.zip', '')}`)
      const file = join(folder, 'service.json')
      const { name } = readService(readFileSync(file, 'utf8'), file)
      return [Description, name]
    })
  expect(carried).toEqual([
    ['API of one', 'one'],
    ['API of other', 'other'],
  ])
})
