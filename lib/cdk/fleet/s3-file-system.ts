import { Stack } from 'aws-cdk-lib'
import * as ec2 from 'aws-cdk-lib/aws-ec2'
import * as iam from 'aws-cdk-lib/aws-iam'
import * as s3 from 'aws-cdk-lib/aws-s3'
import * as s3files from 'aws-cdk-lib/aws-s3files'
import { Construct } from 'constructs'
import { acknowledgeWildcards } from '../acknowledge.ts'
import type { FleetNetwork } from './fleet-network.ts'

export interface S3FileSystemProps {
  readonly bucketName: string
  /** Folder in the bucket; empty: all of it. */
  readonly prefix: string
  readonly network: FleetNetwork
}

const NFS_PORT = 2049
const SERVICE = 'elasticfilesystem.amazonaws.com'

/**
 * A folder of a bucket as a file system (S3 Files), with a mount target in each zone of the workers.
 * The bucket must exist, in the same account and region, with versioning switched on.
 *
 * Source: Amazon S3 User Guide, "Prerequisites for S3 Files".
 */
export class S3FileSystem extends Construct {
  readonly fileSystem: s3files.CfnFileSystem
  readonly mountTargets: readonly s3files.CfnMountTarget[]
  readonly #bucket: s3.IBucket
  readonly #prefix: string

  constructor(scope: Construct, id: string, { bucketName, prefix, network }: S3FileSystemProps) {
    super(scope, id)
    this.#bucket = s3.Bucket.fromBucketName(this, 'Bucket', bucketName)
    this.#prefix = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`
    const role = this.#makeRole()
    this.fileSystem = new s3files.CfnFileSystem(this, 'Files', {
      bucket: this.#bucket.bucketArn,
      roleArn: role.roleArn,
      ...(this.#prefix !== '' && { prefix: this.#prefix }),
    })
    this.fileSystem.node.addDependency(role)
    this.mountTargets = this.#makeMountTargets(network)
  }

  /** Mounting, and reading large files straight from the bucket. */
  grantMount(grantee: iam.IGrantable, { readOnly }: { readOnly: boolean }): void {
    const mount = [
      's3files:ClientMount',
      ...(readOnly ? [] : ['s3files:ClientWrite', 's3files:ClientRootAccess']),
    ]
    const resourceArns = [this.fileSystem.attrFileSystemArn]
    iam.Grant.addToPrincipal({ grantee, actions: mount, resourceArns })
    const actions = ['s3:GetObject', 's3:GetObjectVersion']
    iam.Grant.addToPrincipal({ grantee, actions, resourceArns: [this.#objects()] })
    acknowledgeWildcards(
      grantee.grantPrincipal,
      { resources: [this.#objects()] },
      'The objects of one folder that storage of service.json mounts.',
    )
    const list = { actions: ['s3:ListBucket'], resourceArns: [this.#bucket.bucketArn] }
    iam.Grant.addToPrincipal({ grantee, ...list })
  }

  #objects(): string {
    return this.#bucket.arnForObjects(`${this.#prefix}*`)
  }

  #makeMountTargets(network: FleetNetwork): s3files.CfnMountTarget[] {
    const securityGroup = new ec2.SecurityGroup(this, 'MountTargets', {
      vpc: network.vpc,
      description: 'S3 Files: NFS from the workers',
      allowAllOutbound: false,
    })
    securityGroup.addIngressRule(network.securityGroup, ec2.Port.tcp(NFS_PORT), 'NFS')
    // A zone takes one mount target.
    const byZone = new Map(network.subnets.subnets.map((each) => [each.availabilityZone, each]))
    return [...byZone.values()].map(({ subnetId }, index) => {
      return new s3files.CfnMountTarget(this, `MountTarget${index + 1}`, {
        fileSystemId: this.fileSystem.attrFileSystemId,
        subnetId,
        securityGroups: [securityGroup.securityGroupId],
      })
    })
  }

  #makeRole(): iam.Role {
    const { account, region } = Stack.of(this)
    const fileSystems = `arn:${Stack.of(this).partition}:s3files:${region}:${account}:file-system/*`
    const role = new iam.Role(this, 'Role', {
      description: 'S3 Files, to keep bucket and file system in step',
      assumedBy: new iam.ServicePrincipal(SERVICE, {
        conditions: {
          StringEquals: { 'aws:SourceAccount': account },
          ArnLike: { 'aws:SourceArn': fileSystems },
        },
      }),
    })
    const statements = this.#statements(account)
    for (const statement of statements) role.addToPolicy(statement)
    const wildcards = new Set(statements.flatMap((statement) => statement.resources))
    const actions = statements.flatMap((statement) => statement.actions)
    acknowledgeWildcards(
      role,
      {
        actions: actions.filter((action) => action.includes('*')),
        resources: [...wildcards].filter((resource) => resource.endsWith('*')),
      },
      'The objects of one folder, in all versions, and the event rules that S3 Files makes for it, as its manual asks.',
    )
    return role
  }

  #statements(account: string): iam.PolicyStatement[] {
    const conditions = { StringEquals: { 'aws:ResourceAccount': account } }
    const rules = Stack.of(this).formatArn({
      service: 'events',
      resource: 'rule',
      resourceName: 'DO-NOT-DELETE-S3-Files*',
    })
    const managed = { StringEquals: { 'events:ManagedBy': SERVICE } }
    const change = [
      'DeleteRule',
      'DisableRule',
      'EnableRule',
      'PutRule',
      'PutTargets',
      'RemoveTargets',
    ]
    const look = ['DescribeRule', 'ListRuleNamesByTarget', 'ListRules', 'ListTargetsByRule']
    const all = Stack.of(this).formatArn({ service: 'events', resource: 'rule', resourceName: '*' })
    return [
      new iam.PolicyStatement({
        actions: ['s3:ListBucket', 's3:ListBucketVersions'],
        resources: [this.#bucket.bucketArn],
        conditions,
      }),
      new iam.PolicyStatement({
        actions: [
          's3:AbortMultipartUpload',
          's3:DeleteObject*',
          's3:GetObject*',
          's3:List*',
          's3:PutObject*',
        ],
        resources: [this.#objects()],
        conditions,
      }),
      new iam.PolicyStatement({
        actions: change.map((action) => `events:${action}`),
        resources: [rules],
        conditions: managed,
      }),
      new iam.PolicyStatement({
        actions: look.map((action) => `events:${action}`),
        resources: [all],
      }),
    ]
  }
}
