import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { Match } from 'aws-cdk-lib/assertions'
import * as s3 from 'aws-cdk-lib/aws-s3'
import { describe, expect, test } from 'vitest'
import { TABLE_SHAPE } from '../../lib/job/table-shape.ts'
import { makeApp, synthService } from './synth-service.ts'

const SECONDS_PER_DAY = 86_400

describe('queues', () => {
  const { template } = synthService()
  const queues = Object.values(template.findResources('AWS::SQS::Queue')).map(
    ({ Properties }) => Properties as Record<string, unknown>,
  )

  test('two inputs, one output, and one for dead letters that keeps messages longest', () => {
    const days = queues.map(
      ({ MessageRetentionPeriod: seconds }) => Number(seconds) / SECONDS_PER_DAY,
    )
    expect(days.toSorted((one, other) => one - other)).toEqual([4, 4, 7, 14])
    const dead = queues.filter(({ RedrivePolicy }) => RedrivePolicy === undefined)
    expect(dead).toMatchObject([{ MessageRetentionPeriod: 14 * SECONDS_PER_DAY }])
  })

  test('each is encrypted and refuses what comes without TLS', () => {
    for (const queue of queues) expect(queue).toMatchObject({ SqsManagedSseEnabled: true })
    template.resourceCountIs('AWS::SQS::QueuePolicy', queues.length)
    template.allResourcesProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: Match.objectLike({ Statement: [DENY_WITHOUT_TLS] }),
    })
  })

  test('polite hand-backs make no dead letters: a message may be received a thousand times', () => {
    const redrives = queues.flatMap(({ RedrivePolicy }) => RedrivePolicy ?? [])
    expect(redrives).toHaveLength(3)
    for (const redrive of redrives) expect(redrive).toMatchObject({ maxReceiveCount: 1000 })
  })
})

const DENY_WITHOUT_TLS = Match.objectLike({
  Effect: 'Deny',
  Action: 'sqs:*',
  Principal: { AWS: '*' },
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
})

describe('the table', () => {
  const { template } = synthService()

  test('has the keys and indexes of the port, and no others', () => {
    const toSchema = ({ partitionKey, sortKey }: { partitionKey: string; sortKey: string }) => [
      { AttributeName: partitionKey, KeyType: 'HASH' },
      { AttributeName: sortKey, KeyType: 'RANGE' },
    ]
    template.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      KeySchema: toSchema(TABLE_SHAPE),
      GlobalSecondaryIndexes: TABLE_SHAPE.indexes.map((index) => ({
        IndexName: index.name,
        KeySchema: toSchema(index),
        Projection: { ProjectionType: 'KEYS_ONLY' },
      })),
    })
  })

  test('is paid by use, can be set back in time, and lets rows end', () => {
    template.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      BillingMode: 'PAY_PER_REQUEST',
      Replicas: [
        Match.objectLike({
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        }),
      ],
      TimeToLiveSpecification: { AttributeName: TABLE_SHAPE.timeToLive, Enabled: true },
    })
  })
})

describe('the bucket', () => {
  test('is private, encrypted, TLS 1.2 only, and forgets uploads that never ended', () => {
    const { template } = synthService()
    template.hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: Match.anyValue(),
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      LifecycleConfiguration: {
        Rules: [Match.objectLike({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 } })],
      },
      CorsConfiguration: Match.absent(),
    })
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Deny',
            Condition: { NumericLessThan: { 's3:TlsVersion': 1.2 } },
          }),
        ]),
      },
    })
  })

  test('files of old jobs and uploads go where the owner says when', () => {
    const { template } = synthService({ props: { jobRetention: Duration.days(30) } })
    const rules = ['jobs/', 'uploads/'].map((Prefix) =>
      Match.objectLike({ Prefix, ExpirationInDays: 30 }),
    )
    template.hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: { Rules: Match.arrayWith(rules) },
    })
  })

  test('its access log goes to the bucket that was given', () => {
    const imports = new Stack(makeApp(), 'Imports')
    const accessLogsBucket = s3.Bucket.fromBucketName(imports, 'Given', 'logs')
    const { template } = synthService({ props: { accessLogsBucket } })
    template.hasResourceProperties('AWS::S3::Bucket', {
      LoggingConfiguration: { DestinationBucketName: 'logs' },
    })
  })
})

describe('when a service is removed', () => {
  const policies = (props: { removalPolicy?: RemovalPolicy }): unknown[] => {
    const { template } = synthService({ props })
    return ['AWS::S3::Bucket', 'AWS::DynamoDB::GlobalTable'].flatMap((type) =>
      Object.values(template.findResources(type)).map(({ DeletionPolicy }) => DeletionPolicy),
    )
  }

  test('its files and jobs stay', () => {
    expect(policies({})).toEqual(['Retain', 'Retain'])
  })

  test('they go where the owner wants that, and the bucket is emptied first', () => {
    expect(policies({ removalPolicy: RemovalPolicy.DESTROY })).toEqual(['Delete', 'Delete'])
    const { template } = synthService({ props: { removalPolicy: RemovalPolicy.DESTROY } })
    template.resourceCountIs('Custom::S3AutoDeleteObjects', 1)
  })
})
