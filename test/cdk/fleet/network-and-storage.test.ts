import * as ec2 from 'aws-cdk-lib/aws-ec2'
import type { Stack } from 'aws-cdk-lib'
import { Match } from 'aws-cdk-lib/assertions'
import { describe, expect, test } from 'vitest'
import { aFleet, cpuJson, trainerJson } from './a-fleet.ts'

const existingVpc = (stack: Stack) =>
  ec2.Vpc.fromVpcAttributes(stack, 'Existing', {
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: ['eu-central-1a', 'eu-central-1b'],
    publicSubnetIds: ['subnet-000000000000000a1', 'subnet-000000000000000a2'],
    privateSubnetIds: ['subnet-000000000000000b1', 'subnet-000000000000000b2'],
  })

describe('an existing VPC', () => {
  test('is used as it is: nothing is added to it', () => {
    const { template } = aFleet(trainerJson(), (stack) => ({
      network: { vpc: existingVpc(stack) },
    }))
    template.resourceCountIs('AWS::EC2::VPC', 0)
    template.resourceCountIs('AWS::EC2::VPCEndpoint', 0)
    template.hasResourceProperties('AWS::ECS::CapacityProvider', {
      ManagedInstancesProvider: {
        InstanceLaunchTemplate: {
          NetworkConfiguration: {
            Subnets: ['subnet-000000000000000a1', 'subnet-000000000000000a2'],
          },
        },
      },
    })
  })

  test('workers in private subnets get no public address', () => {
    const { template } = aFleet(cpuJson(), (stack) => ({
      network: {
        vpc: existingVpc(stack),
        subnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      },
    }))
    template.allResourcesProperties('AWS::ECS::Service', {
      NetworkConfiguration: {
        AwsvpcConfiguration: {
          AssignPublicIp: 'DISABLED',
          Subnets: ['subnet-000000000000000b1', 'subnet-000000000000000b2'],
        },
      },
    })
  })
})

describe('storage', () => {
  const storage = [{ mount_path: '/data', s3: { path: 's3://models/shared/', readOnly: true } }]

  test('a folder in S3 is mounted by S3 Files, readable by workers and by nobody else', () => {
    const { template, taskDefinition, container } = aFleet(trainerJson({ storage }))
    template.hasResourceProperties('AWS::S3Files::FileSystem', { Prefix: 'shared/' })
    template.resourceCountIs('AWS::S3Files::MountTarget', 2)
    expect(taskDefinition().Volumes).toContainEqual({
      Name: 'storage-0',
      S3FilesVolumeConfiguration: { FileSystemArn: expect.anything() },
    })
    expect(container('worker')['MountPoints']).toContainEqual({
      ContainerPath: '/data',
      ReadOnly: true,
      SourceVolume: 'storage-0',
    })
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      FromPort: 2049,
      ToPort: 2049,
      SourceSecurityGroupId: Match.anyValue(),
    })
    const text = JSON.stringify(template.findResources('AWS::IAM::Policy'))
    expect(text).toContain('s3files:ClientMount')
    expect(text).not.toContain('s3files:ClientWrite')
  })

  test('no task starts before its mount targets stand', () => {
    const { template } = aFleet(trainerJson({ storage }))
    for (const service of Object.values(template.findResources('AWS::ECS::Service'))) {
      expect((service['DependsOn'] as string[]).join(' ')).toContain('MountTarget1')
    }
  })

  test('two mounts of one folder share a file system', () => {
    const again = [...storage, { mount_path: '/again', s3: { path: 's3://models/shared/' } }]
    const { template } = aFleet(trainerJson({ storage: again }))
    template.resourceCountIs('AWS::S3Files::FileSystem', 1)
    expect(JSON.stringify(template.findResources('AWS::IAM::Policy'))).toContain('ClientWrite')
  })

  test('on an Auto Scaling group jobs sync: the folder is there, the right too, and synth says how', () => {
    const capacity = { kind: 'auto-scaling-group' } as const
    const fleet = aFleet(trainerJson({ storage }), { capacity })
    fleet.template.resourceCountIs('AWS::S3Files::FileSystem', 0)
    expect(fleet.taskDefinition().Volumes).toContainEqual({ Name: 'storage-0', Host: {} })
    expect(fleet.warnings().join()).toContain('aws s3 sync s3://models/shared/ /data')
    expect(JSON.stringify(fleet.template.findResources('AWS::IAM::Policy'))).toContain(
      ':s3:::models/shared/*',
    )
  })

  test('a file system of EFS is mounted everywhere, another NFS server only where Docker can', () => {
    const nfs = (server: string) =>
      trainerJson({ storage: [{ mount_path: '/nfs', nfs: { server } }] })
    const efs = aFleet(nfs('fs-0123.efs.eu-central-1.amazonaws.com'))
    expect(efs.taskDefinition().Volumes).toContainEqual({
      Name: 'storage-0',
      EFSVolumeConfiguration: {
        FilesystemId: 'fs-0123',
        RootDirectory: '/',
        TransitEncryption: 'ENABLED',
      },
    })
    expect(() => aFleet(nfs('nas.example.com'))).toThrow(/storage\[0\]\.nfs\.server/)
    const foreign = aFleet(nfs('nas.example.com'), { capacity: { kind: 'auto-scaling-group' } })
    expect(JSON.stringify(foreign.taskDefinition().Volumes)).toContain('addr=nas.example.com')
  })
})

describe('images of private registries', () => {
  test('of ECR are pulled by a right to that one repository', () => {
    const image = '123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/trainer:3'
    const { template } = aFleet(trainerJson({ containers: [{ image }] }))
    expect(JSON.stringify(template.findResources('AWS::IAM::Policy'))).toContain(
      ':ecr:eu-central-1:123456789012:repository/team/trainer',
    )
  })

  test('with a login by a secret that only ECS reads', () => {
    const dockerAuth = btoa('user:pass:word')
    const { template, container, warnings } = aFleet(trainerJson({ dockerAuth }))
    template.hasResourceProperties('AWS::SecretsManager::Secret', {
      SecretString: '{"username":"user","password":"pass:word"}',
    })
    expect(container('worker')['RepositoryCredentials']).toEqual({
      CredentialsParameter: { Ref: expect.stringContaining('ImagesLogin') },
    })
    expect(warnings().join()).toContain('registrySecret')
  })
})
