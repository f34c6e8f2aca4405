import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb'
import type * as iam from 'aws-cdk-lib/aws-iam'
import type * as s3 from 'aws-cdk-lib/aws-s3'
import type * as sqs from 'aws-cdk-lib/aws-sqs'
import type { QueueName } from '../../ports/queues.ts'

/** Where one service keeps its jobs, messages and files: what API, scaler and workers share. */
export interface JobStores {
  readonly table: dynamodb.TableV2
  readonly bucket: s3.Bucket
  readonly queues: Readonly<Record<QueueName, sqs.Queue>>
  /** The variables of `lib/registry/env.ts` that say where table, bucket and queues are. */
  readonly environment: Readonly<Record<string, string>>
  /** All that a worker does with table, bucket and queues, and no more. */
  grantWorker(grantee: iam.IGrantable): void
  /** What the session of a job may do: read the files of that job, and nothing else. */
  statementsForJob(): iam.PolicyStatement[]
}
