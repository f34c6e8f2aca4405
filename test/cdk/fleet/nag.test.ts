import { App, Stack, Validations } from 'aws-cdk-lib'
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager'
import { AwsSolutionsChecks } from 'cdk-nag'
import { describe, expect, test } from 'vitest'
import { WorkerFleet } from '../../../lib/cdk/fleet/worker-fleet.ts'
import { FrontEnd } from '../../../lib/cdk/front-end/front-end.ts'
import { parseServiceConfig } from '../../../lib/service/parse-service-config.ts'
import { cpuJson, someStores, trainerJson } from './a-fleet.ts'

const storage = [{ mount_path: '/data', s3: { path: 's3://models/shared/' } }]
const frontEnd = { image: 'gui:1', port: 8001 }
const image = '123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/trainer:3'

describe('cdk-nag finds nothing that is not explained', () => {
  test.each([
    ['Managed Instances', trainerJson({ storage, containers: [{ image }] }), undefined],
    ['Auto Scaling groups', trainerJson({ storage }), 'auto-scaling-group'],
    ['Fargate and a registry login', cpuJson({ dockerAuth: btoa('u:p') }), undefined],
    [
      'a front end',
      trainerJson({
        metadata: { ...trainerJson().metadata, type: 'ScalableJobService' },
        front_end: frontEnd,
        storage,
      }),
      undefined,
    ],
  ] as const)('on %s', (_, json, kind) => {
    const app = new App()
    const stack = new Stack(app, 'Test')
    const service = parseServiceConfig(json)
    const fleet = new WorkerFleet(stack, 'Fleet', {
      service,
      stores: someStores(stack),
      ...(kind !== undefined && { capacity: { kind } }),
    })
    if (service.frontEnd !== undefined) {
      const tokenSecret = new secretsmanager.Secret(stack, 'Token') as secretsmanager.ISecret
      Validations.of(tokenSecret).acknowledge({ id: 'AwsSolutions-SMG4', reason: 'of the test' })
      new FrontEnd(stack, 'FrontEnd', { service, fleet, apiUrl: 'https://a', tokenSecret })
    }
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
    expect(findingsOf(app)).toBe('')
  })
})

function findingsOf(app: App): string {
  try {
    app.synth()
    return ''
  } catch (error) {
    return String(error)
  }
}
