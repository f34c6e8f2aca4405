import type { Duration, RemovalPolicy } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
import type * as s3 from 'aws-cdk-lib/aws-s3'
import type * as sqs from 'aws-cdk-lib/aws-sqs'
import { Stack } from 'aws-cdk-lib'
import { Construct } from 'constructs'
import { TASK_TYPES } from '../../job/job.ts'
import { ENV } from '../../registry/env.ts'
import { QUEUE_NAMES, type QueueName } from '../../ports/queues.ts'
import { JobBucket } from './job-bucket.ts'
import { JobQueues } from './job-queues.ts'
import type { JobStores } from './job-stores.ts'
import { JobTable } from './job-table.ts'

const TAKE = ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:ReceiveMessage']
const CONSUME = ['sqs:DeleteMessage', 'sqs:ReceiveMessage']
const SEND = ['sqs:SendMessage']
const MEASURE = ['sqs:GetQueueAttributes']

export interface ServiceStoresProps {
  readonly removalPolicy: RemovalPolicy
  readonly jobRetention?: Duration
  readonly accessLogsBucket?: s3.IBucket
  readonly corsOrigins: readonly string[]
}

/** Table, bucket and queues of one service, and who may do what with them. */
export class ServiceStores extends Construct implements JobStores {
  readonly table: JobTable['table']
  readonly bucket: s3.Bucket
  readonly queues: Readonly<Record<QueueName, sqs.Queue>>
  readonly environment: Readonly<Record<string, string>>
  readonly #table: JobTable
  readonly #bucket: JobBucket

  constructor(scope: Construct, id: string, props: ServiceStoresProps) {
    super(scope, id)
    const { removalPolicy } = props
    this.#table = new JobTable(this, 'Jobs', { removalPolicy })
    this.#bucket = new JobBucket(this, 'Files', props)
    this.table = this.#table.table
    this.bucket = this.#bucket.bucket
    this.queues = new JobQueues(this, 'Queues').byName
    this.environment = {
      [ENV.tableName.name]: this.table.tableName,
      [ENV.bucketName.name]: this.bucket.bucketName,
      [ENV.queueUrls.name]: Stack.of(this).toJsonString(
        Object.fromEntries(QUEUE_NAMES.map((name) => [name, this.queues[name].queueUrl])),
      ),
    }
  }

  /** Workers take ready messages, send the next one and notifications, and read and write files. */
  grantWorker(grantee: iam.IGrantable): void {
    this.#table.grantRows(grantee)
    this.#bucket.grantWorker(grantee)
    this.#grantQueues(grantee, TAKE, TASK_TYPES)
    this.#grantQueues(grantee, SEND, [...TASK_TYPES, 'output'])
  }

  statementsForJob(): iam.PolicyStatement[] {
    return this.#bucket.statementsForJob()
  }

  /** The API sends ready messages, hands out the output queue, keeps inputs and signs links to files. */
  grantApi(grantee: iam.IGrantable): void {
    this.#table.grantRows(grantee)
    this.#bucket.grantApi(grantee)
    this.#grantQueues(grantee, SEND, [...TASK_TYPES, 'output'])
    this.#grantQueues(grantee, CONSUME, ['output'])
    this.#grantQueues(grantee, MEASURE, QUEUE_NAMES)
  }

  /** The scaler measures queues, sends what was not sent, and reads what a notification carries. */
  grantScaler(grantee: iam.IGrantable): void {
    this.#table.grantRows(grantee)
    this.#bucket.grantReadJobs(grantee)
    this.#grantQueues(grantee, SEND, [...TASK_TYPES, 'output'])
    this.#grantQueues(grantee, MEASURE, QUEUE_NAMES)
  }

  grantReadJobs(grantee: iam.IGrantable): iam.Grant {
    return this.#bucket.grantReadJobs(grantee)
  }

  grantConsumeOutput(grantee: iam.IGrantable): iam.Grant {
    return this.#grantQueues(grantee, CONSUME, ['output'])
  }

  #grantQueues(grantee: iam.IGrantable, actions: string[], names: readonly QueueName[]): iam.Grant {
    const resourceArns = names.map((name) => this.queues[name].queueArn)
    return iam.Grant.addToPrincipal({ grantee, actions, resourceArns })
  }
}
