import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
import * as s3 from 'aws-cdk-lib/aws-s3'
import { Construct } from 'constructs'
import { JOB_ID_TAG } from '../../registry/agreements.ts'
import { inputFileKey, jobPrefix } from '../../job/keys.ts'
import { acknowledge, acknowledgeWildcards } from '../acknowledge.ts'

/** The folders of the bucket: what jobs read and write, and what was uploaded for jobs to come. */
const JOBS = 'jobs/'
const UPLOADS = 'uploads/'

/** A multipart upload that has not ended by then never will; its parts cost money unseen. */
const ABORT_UPLOADS_AFTER = Duration.days(2)
const LINK_CORS_AGE_SECONDS = 600

export interface JobBucketProps {
  readonly removalPolicy: RemovalPolicy
  /** Absent: files are kept. */
  readonly jobRetention?: Duration
  readonly accessLogsBucket?: s3.IBucket
  /** Web origins that may use upload and download links. */
  readonly corsOrigins: readonly string[]
}

/** The bucket for inputs, logs, checkpoints, artifacts and results: private, encrypted, TLS only. */
export class JobBucket extends Construct {
  readonly bucket: s3.Bucket

  constructor(scope: Construct, id: string, props: JobBucketProps) {
    super(scope, id)
    const { removalPolicy, accessLogsBucket } = props
    this.bucket = new s3.Bucket(this, 'Bucket', {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: s3.BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      lifecycleRules: lifecycleOf(props),
      cors: corsOf(props),
      removalPolicy,
      autoDeleteObjects: removalPolicy === RemovalPolicy.DESTROY,
      ...(accessLogsBucket && { serverAccessLogsBucket: accessLogsBucket }),
    })
    if (accessLogsBucket === undefined) {
      acknowledge(this.bucket, [
        {
          id: 'AwsSolutions-S1',
          reason:
            'No log bucket was given (accessLogsBucket). Objects are reached only by the roles of this service and by links that they sign for one object and one hour; CloudTrail data events record both where an account asks for them.',
        },
      ])
    }
  }

  /** Reading what jobs left behind: results, logs, artifacts, checkpoints. */
  grantReadJobs(grantee: iam.IGrantable): iam.Grant {
    return this.#grant(grantee, ['s3:GetObject'], [`${JOBS}*`]).combine(this.#grantList(grantee))
  }

  /** What a worker does: reads inputs, writes below its jobs. Only lifecycle ever deletes. */
  grantWorker(grantee: iam.IGrantable): void {
    this.#grant(grantee, ['s3:GetObject'], [`${JOBS}*`, `${UPLOADS}*`])
    this.#grant(grantee, ['s3:AbortMultipartUpload', 's3:PutObject'], [`${JOBS}*`])
    this.#grantList(grantee)
  }

  /**
   * What a job does itself: reads its own files, those of its earlier attempts among them. Its worker
   * writes them, since an attempt that lost its lease must overwrite nothing.
   *
   * A session without the tag has no such files: a variable without a value matches nothing, and the
   * condition says so too. Source: IAM User Guide, "Policy variables with no value".
   */
  statementsForJob(): iam.PolicyStatement[] {
    const own = `${jobPrefix(`\${aws:PrincipalTag/${JOB_ID_TAG}}`)}*`
    const isJob = { Null: { [`aws:PrincipalTag/${JOB_ID_TAG}`]: 'false' } }
    return [
      new iam.PolicyStatement({
        actions: ['s3:GetObject'],
        resources: [this.bucket.arnForObjects(own)],
        conditions: isJob,
      }),
      new iam.PolicyStatement({
        actions: ['s3:ListBucket'],
        resources: [this.bucket.bucketArn],
        conditions: { ...isJob, StringLike: { 's3:prefix': own } },
      }),
    ]
  }

  /** What the API does: reads all, writes inputs and uploads, and signs links for the same. */
  grantApi(grantee: iam.IGrantable): void {
    this.#grant(grantee, ['s3:GetObject'], [`${JOBS}*`, `${UPLOADS}*`])
    this.#grant(grantee, ['s3:PutObject'], [inputFileKey('*'), `${UPLOADS}*`])
    this.#grantList(grantee)
  }

  #grant(grantee: iam.IGrantable, actions: string[], keys: readonly string[]): iam.Grant {
    const resourceArns = keys.map((key) => this.bucket.arnForObjects(key))
    acknowledgeWildcards(
      grantee.grantPrincipal,
      { resources: resourceArns },
      'Object keys begin with a folder and the id of a job, which is made when the job is accepted: there is no narrower name before. The bucket belongs to this service alone, and deleting is granted to nobody.',
    )
    return iam.Grant.addToPrincipal({ grantee, actions, resourceArns })
  }

  /**
   * Without it S3 answers 403 for an object that is not there (Amazon S3 API Reference, HeadObject),
   * which is no news about the object.
   */
  #grantList(grantee: iam.IGrantable): iam.Grant {
    const resourceArns = [this.bucket.bucketArn]
    return iam.Grant.addToPrincipal({ grantee, actions: ['s3:ListBucket'], resourceArns })
  }
}

function lifecycleOf({ jobRetention }: JobBucketProps): s3.LifecycleRule[] {
  const rules: s3.LifecycleRule[] = [
    { id: 'AbortUploads', abortIncompleteMultipartUploadAfter: ABORT_UPLOADS_AFTER },
  ]
  if (jobRetention === undefined) return rules
  const expiring = [
    { id: 'ExpireJobs', prefix: JOBS },
    { id: 'ExpireUploads', prefix: UPLOADS },
  ]
  return [...rules, ...expiring.map((rule) => ({ ...rule, expiration: jobRetention }))]
}

function corsOf({ corsOrigins }: JobBucketProps): s3.CorsRule[] {
  if (corsOrigins.length === 0) return []
  return [
    {
      allowedOrigins: [...corsOrigins],
      allowedMethods: [s3.HttpMethods.GET, s3.HttpMethods.HEAD, s3.HttpMethods.PUT],
      allowedHeaders: ['*'],
      exposedHeaders: ['ETag', 'Content-Length', 'Content-Range'],
      maxAge: LINK_CORS_AGE_SECONDS,
    },
  ]
}
