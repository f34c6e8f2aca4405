import type { Duration, RemovalPolicy } from 'aws-cdk-lib'
import type * as acm from 'aws-cdk-lib/aws-certificatemanager'
import type * as s3 from 'aws-cdk-lib/aws-s3'
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager'
import type { Service } from '../service/service.ts'
import type { CapacityProps } from './fleet/machines/capacity-plan.ts'
import type { NetworkProps } from './fleet/fleet-network.ts'
import type { MonitoringSettings } from './monitoring/monitoring-props.ts'

/** What the owner of a service decides beside its `service.json`. */
export interface ScalableJobProps {
  /**
   * The service to deploy: what `parseServiceText` or `parseServiceConfig` makes of a `service.json`.
   * Its `token` is not deployed, since whoever may read the template would learn it; the first
   * deploy makes one.
   */
  readonly service: Service

  /**
   * Where workers run.
   *
   * @default - a VPC of its own, without standing cost
   */
  readonly network?: NetworkProps

  /**
   * On what workers run.
   *
   * @default - ECS Managed Instances for workers with GPUs, Fargate for workers without
   */
  readonly capacity?: CapacityProps

  /**
   * Login of a private registry: a secret `{"username": "…", "password": "…"}`.
   *
   * @default - `dockerAuth` of service.json, if it has one
   */
  readonly registrySecret?: secretsmanager.ISecret

  /**
   * Address ranges, such as `203.0.113.0/24`, that may open the front end of a ScalableJobService.
   * Whoever can open it uses the service with its token.
   *
   * @default - nobody can open it
   */
  readonly frontEndAllowedCidrs?: readonly string[]

  /**
   * Certificate of the front end, for a name of your own that points to its load balancer.
   *
   * @default - the front end is served over HTTP
   */
  readonly frontEndCertificate?: acm.ICertificate

  /**
   * Alarms and dashboard.
   *
   * @default - all of them, telling a topic to which nobody is subscribed
   */
  readonly monitoring?: MonitoringSettings

  /**
   * What happens to table and bucket when the service is removed: `RETAIN` or `DESTROY`. The latter
   * empties the bucket first, for which it adds a function of CDK.
   *
   * @default RemovalPolicy.RETAIN - jobs and files stay, and cost what their storage costs
   */
  readonly removalPolicy?: RemovalPolicy

  /**
   * How long inputs, logs, artifacts and results are kept, in whole days, counted from when a file
   * was written: choose it longer than your longest job. Rows of ended jobs go after 30 days by
   * themselves.
   *
   * @default - files are kept until you delete them
   */
  readonly jobRetention?: Duration

  /**
   * Where S3 writes an access log of the bucket.
   *
   * @default - S3 writes none
   */
  readonly accessLogsBucket?: s3.IBucket

  /**
   * Web origins, such as `https://train.example.com`, whose pages may call the API and use upload
   * and download links; `*` for all.
   *
   * @default - no page of another origin may; programs and servers always can
   */
  readonly corsOrigins?: readonly string[]

  /**
   * Requests a second that the API takes on average; more are answered with 429.
   *
   * @default 100
   */
  readonly throttlingRateLimit?: number

  /**
   * Requests that the API takes at once, above the rate.
   *
   * @default 200
   */
  readonly throttlingBurstLimit?: number
}
