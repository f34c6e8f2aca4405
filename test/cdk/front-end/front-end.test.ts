import { App, Stack } from 'aws-cdk-lib'
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions'
import * as acm from 'aws-cdk-lib/aws-certificatemanager'
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager'
import { describe, expect, test } from 'vitest'
import { WorkerFleet } from '../../../lib/cdk/fleet/worker-fleet.ts'
import { FrontEnd, type FrontEndProps } from '../../../lib/cdk/front-end/front-end.ts'
import { parseServiceConfig } from '../../../lib/service/parse-service-config.ts'
import { someStores, trainerJson } from '../fleet/a-fleet.ts'

const ARN = 'arn:aws:acm:eu-central-1:123456789012:certificate/1'
const FRONT_END = { image: 'gui:1', port: 8001, script: 'python gui.py --port 8001' }

type Options = Pick<FrontEndProps, 'allowedCidrs'> & { readonly isSecure?: boolean }

function synthesize(frontEnd: object = FRONT_END, options: Options = {}, more: object = {}) {
  const stack = new Stack(new App(), 'Test')
  const metadata = { ...trainerJson().metadata, type: 'ScalableJobService' }
  const service = parseServiceConfig(trainerJson({ metadata, front_end: frontEnd, ...more }))
  const fleet = new WorkerFleet(stack, 'Fleet', { service, stores: someStores(stack) })
  const { isSecure = false, ...rest } = options
  const made = new FrontEnd(stack, 'FrontEnd', {
    service,
    fleet,
    apiUrl: 'https://api.example.com',
    tokenSecret: new secretsmanager.Secret(stack, 'Token') as secretsmanager.ISecret,
    ...rest,
    ...(isSecure && { certificate: acm.Certificate.fromCertificateArn(stack, 'Tls', ARN) }),
  })
  const template = Template.fromStack(stack)
  const [definition] = Object.values(template.findResources('AWS::ECS::TaskDefinition')).filter(
    ({ Properties }) => Properties.ContainerDefinitions[0].Name === 'front-end',
  )
  const warnings = Annotations.fromStack(stack)
    .findWarning('*', Match.anyValue())
    .map(({ entry }) => entry.data as string)
  return { stack, made, template, task: definition?.['Properties'], warnings: warnings.join('\n') }
}

describe('the front end of a ScalableJobService', () => {
  test('is one resident task of 2 vCPU and 8 GB, told of the service and its token', () => {
    const { template, task } = synthesize()
    expect(task).toMatchObject({
      Cpu: '2048',
      Memory: '8192',
      RequiresCompatibilities: ['FARGATE'],
    })
    expect(task.ContainerDefinitions[0]).toMatchObject({
      Image: 'gui:1',
      EntryPoint: ['/bin/sh', '-c'],
      Command: ['python gui.py --port 8001'],
      Environment: expect.arrayContaining([
        { Name: 'PORT', Value: '8001' },
        { Name: 'SCALABLE_JOB_API_URL', Value: 'https://api.example.com' },
      ]),
      Secrets: [{ Name: 'SCALABLE_JOB_TOKEN', ValueFrom: expect.anything() }],
    })
    expect(JSON.stringify(task)).toContain(':token::')
    template.hasResourceProperties('AWS::ECS::Service', { DesiredCount: 1, LaunchType: 'FARGATE' })
  })

  test('gets the size, the variables and the entry point that service.json gives it', () => {
    const env = [{ name: 'THEME', value: 'dark' }]
    const { task } = synthesize({ image: 'gui:1', port: 80, env, cpu: 1, memory: 2048 })
    expect(task).toMatchObject({ Cpu: '1024', Memory: '2048' })
    const [container] = task.ContainerDefinitions
    expect(container).not.toHaveProperty('EntryPoint')
    expect(container.Environment).toContainEqual({ Name: 'THEME', Value: 'dark' })
  })

  test('a machine that is named for it is said to be unused', () => {
    const frontEnd = { ...FRONT_END, instance_type: 'm7i.large' }
    expect(synthesize(frontEnd).warnings).toContain('front_end.instance_type m7i.large is not used')
  })

  test('sees the mounts of the workers, at the same path, and starts with the right to', () => {
    const storage = [{ mount_path: '/workspace', s3: { path: 's3://models/kohya/' } }]
    const { task, template } = synthesize(FRONT_END, {}, { storage })
    expect(task.ContainerDefinitions[0].MountPoints).toEqual([
      { ContainerPath: '/workspace', ReadOnly: false, SourceVolume: 'storage-0' },
    ])
    template.resourceCountIs('AWS::S3Files::FileSystem', 1)
    template.hasResource('AWS::ECS::Service', {
      Properties: { DesiredCount: 1 },
      DependsOn: Match.arrayWith([
        Match.stringLikeRegexp('MountTarget1'),
        Match.stringLikeRegexp('^FrontEndTaskRoleDefaultPolicy'),
      ]),
    })
  })

  test('is not deployed for a service that has none', () => {
    const stack = new Stack(new App(), 'Test')
    const service = parseServiceConfig(trainerJson())
    const fleet = new WorkerFleet(stack, 'Fleet', { service, stores: someStores(stack) })
    const tokenSecret = new secretsmanager.Secret(stack, 'Token') as secretsmanager.ISecret
    const make = () => new FrontEnd(stack, 'FrontEnd', { service, fleet, apiUrl: 'x', tokenSecret })
    expect(make).toThrow(/has no front_end/)
  })
})

describe('who may open it', () => {
  const ingress = ({ template }: ReturnType<typeof synthesize>) =>
    Object.values(template.findResources('AWS::EC2::SecurityGroup')).flatMap(
      ({ Properties }) => Properties.SecurityGroupIngress ?? [],
    )

  test('nobody, until it is said', () => {
    const closed = synthesize()
    expect(ingress(closed)).toEqual([])
    expect(closed.warnings).toContain('nobody can open the front end yet')
  })

  test('the address ranges that are named', () => {
    const open = synthesize(FRONT_END, { allowedCidrs: ['203.0.113.0/24'] })
    expect(ingress(open)).toMatchObject([{ CidrIp: '203.0.113.0/24', FromPort: 80, ToPort: 80 }])
    expect(open.warnings).toContain('plain HTTP')
  })

  test('with a certificate by HTTPS, to which HTTP leads', () => {
    const options = { allowedCidrs: ['203.0.113.0/24'], isSecure: true }
    const secure = synthesize(FRONT_END, options)
    const { template } = secure
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
      Port: 443,
      Certificates: [{ CertificateArn: ARN }],
    })
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
      Port: 80,
      DefaultActions: [Match.objectLike({ Type: 'redirect' })],
    })
    expect(ingress(secure).map(({ FromPort }: { FromPort: number }) => FromPort)).toEqual([80, 443])
    expect(secure.warnings).not.toContain('plain HTTP')
  })

  test('its own tasks are reached by the load balancer alone', () => {
    const { template } = synthesize()
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      FromPort: 8001,
      SourceSecurityGroupId: Match.anyValue(),
      CidrIp: Match.absent(),
    })
  })
})
