import { Annotations, RemovalPolicy, Tags } from 'aws-cdk-lib'
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch'
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb'
import type * as iam from 'aws-cdk-lib/aws-iam'
import type * as s3 from 'aws-cdk-lib/aws-s3'
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager'
import type * as sqs from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import type { TaskType } from '../job/job.ts'
import type { MetricName } from '../registry/metrics.ts'
import type { Service } from '../service/service.ts'
import { ApiTokens } from './api/api-tokens.ts'
import { checkProps } from './check-props.ts'
import { WorkerFleet } from './fleet/worker-fleet.ts'
import { FrontEnd } from './front-end/front-end.ts'
import { JobApi } from './api/job-api.ts'
import { jobMetric } from './monitoring/job-metric.ts'
import { Monitoring } from './monitoring/monitoring.ts'
import type { ScalableJobProps } from './scalable-job-props.ts'
import { ScalerFunction } from './scaler-function.ts'
import { ServiceStores } from './stores/service-stores.ts'

const DEFAULT_RATE_LIMIT = 100
const DEFAULT_BURST_LIMIT = 200

/**
 * A service that takes training and inference jobs, on AWS: an HTTPS API with its tokens, queues, a
 * table, a bucket, a scaler that looks every ten seconds, and GPU workers that are never stopped
 * while they are busy.
 *
 * ```ts
 * const job = new ScalableJob(this, 'Kohya', {
 *   service: readServiceFile('service.json'),
 * })
 * job.grantReadResults(myFunction)
 * ```
 *
 * No deploy waits for a job: a new worker version goes to the empty one of two ECS services, and the
 * other drains in its own time.
 */
export class ScalableJob extends Construct {
  readonly service: Service
  /** Address of the API, without a slash at its end. */
  readonly apiUrl: string
  /** The tokens of the API; its field `token` acts for every tenant. */
  readonly tokenSecret: secretsmanager.Secret
  /** Where jobs say how they ended and, if the service is set so, what they log. */
  readonly outputQueue: sqs.Queue
  /** Messages that no worker could take for good; the jobs themselves live on in the table. */
  readonly deadLetterQueue: sqs.Queue
  readonly bucket: s3.Bucket
  readonly table: dynamodb.TableV2
  /** The workers: `fleet.jobRole` is what jobs act as, `fleet.network` is where they run. */
  readonly fleet: WorkerFleet
  /** Of a ScalableJobService only. */
  readonly frontEnd?: FrontEnd
  /** Alarms, their topic, and the dashboard. */
  readonly monitoring: Monitoring
  readonly #stores: ServiceStores
  readonly #tokens: ApiTokens

  constructor(scope: Construct, id: string, props: ScalableJobProps) {
    super(scope, id)
    checkProps(props)
    this.service = props.service
    this.#stores = this.#makeStores(props)
    this.#tokens = new ApiTokens(this, 'Tokens')
    this.fleet = this.#makeFleet(props)
    const { api, scaler } = this.#makeFunctions(props)
    this.apiUrl = api.url
    this.tokenSecret = this.#tokens.secret
    if (props.service.frontEnd !== undefined) this.frontEnd = this.#makeFrontEnd(props)
    this.monitoring = this.#watch(props, api, scaler)
    this.outputQueue = this.#stores.queues.output
    this.deadLetterQueue = this.#stores.queues.dead
    this.bucket = this.#stores.bucket
    this.table = this.#stores.table
    this.#tag()
    this.#report()
  }

  /** The queue of signals for waiting jobs of this sort. */
  inputQueue(taskType: TaskType): sqs.Queue {
    return this.#stores.queues[taskType]
  }

  /** Submitting and following jobs through the API: lets the grantee read its tokens. */
  grantSubmit(grantee: iam.IGrantable): iam.Grant {
    return this.#tokens.grantRead(grantee)
  }

  /** Reading what jobs left in the bucket: results, logs, artifacts, checkpoints. */
  grantReadResults(grantee: iam.IGrantable): iam.Grant {
    return this.#stores.grantReadJobs(grantee)
  }

  /** Taking messages from the output queue; each goes to one reader only. */
  grantConsumeOutput(grantee: iam.IGrantable): iam.Grant {
    return this.#stores.grantConsumeOutput(grantee)
  }

  /** Jobs that wait. */
  metricWaiting(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('JobsWaiting', options)
  }

  /** Workers with at least one slot taken. */
  metricBusy(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('WorkersBusy', options)
  }

  /** Workers that the fleet lists as running. */
  metricWorkers(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('WorkersRunning', options)
  }

  /** Age of the oldest waiting job, in seconds. */
  metricOldestWaiting(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('OldestWaitingSeconds', options)
  }

  /** Jobs that ended `failed`. */
  metricFailed(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('JobsFailed', options)
  }

  /**
   * Any metric of the service.
   *
   * @default - a period of one minute; gauges show their maximum, counts their sum, durations their
   * average
   */
  metric(name: MetricName, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return jobMetric(this.service.name, name, options)
  }

  #makeStores(props: ScalableJobProps): ServiceStores {
    const { corsOrigins = [], jobRetention, accessLogsBucket } = props
    return new ServiceStores(this, 'Stores', {
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
      corsOrigins,
      ...(jobRetention && { jobRetention }),
      ...(accessLogsBucket && { accessLogsBucket }),
    })
  }

  #makeFleet({ service, network, capacity, registrySecret }: ScalableJobProps): WorkerFleet {
    return new WorkerFleet(this, 'Fleet', {
      service,
      stores: this.#stores,
      ...(network && { network }),
      ...(capacity && { capacity }),
      ...(registrySecret && { registrySecret }),
    })
  }

  #makeFunctions(props: ScalableJobProps): { api: JobApi; scaler: ScalerFunction } {
    const { fleet } = this
    const stores = this.#stores
    const service = { ...props.service, version: fleet.workerVersion }
    const scaler = new ScalerFunction(this, 'Scaler', { service, stores, fleet })
    const api = new JobApi(this, 'Api', {
      service,
      stores,
      tokens: this.#tokens,
      scaler,
      fleet,
      corsOrigins: props.corsOrigins ?? [],
      throttle: {
        rateLimit: props.throttlingRateLimit ?? DEFAULT_RATE_LIMIT,
        burstLimit: props.throttlingBurstLimit ?? DEFAULT_BURST_LIMIT,
      },
    })
    return { api, scaler }
  }

  #makeFrontEnd(props: ScalableJobProps): FrontEnd {
    const { service, frontEndAllowedCidrs, frontEndCertificate } = props
    return new FrontEnd(this, 'FrontEnd', {
      service,
      fleet: this.fleet,
      apiUrl: this.apiUrl,
      tokenSecret: this.tokenSecret as secretsmanager.ISecret,
      ...(frontEndAllowedCidrs && { allowedCidrs: frontEndAllowedCidrs }),
      ...(frontEndCertificate && { certificate: frontEndCertificate }),
    })
  }

  #watch({ monitoring }: ScalableJobProps, api: JobApi, scaler: ScalerFunction): Monitoring {
    const { cluster, ecsServices } = this.fleet
    const { command, query, output, dead } = this.#stores.queues
    return new Monitoring(this, 'Monitoring', {
      service: this.service,
      queueNames: {
        command: command.queueName,
        query: query.queueName,
        output: output.queueName,
        dead: dead.queueName,
      },
      apiFunctionName: api.function.functionName,
      scalerFunctionName: scaler.function.functionName,
      httpApiId: api.httpApi.apiId,
      fleet: {
        clusterName: cluster.clusterName,
        serviceNames: { a: ecsServices.a.serviceName, b: ecsServices.b.serviceName },
      },
      ...(monitoring && { settings: monitoring }),
    })
  }

  #tag(): void {
    const tags = Tags.of(this)
    tags.add('scalable-job:service', this.service.name)
    for (const [key, value] of Object.entries(this.service.labels)) tags.add(key, value)
  }

  /** Says at synthesis what of service.json has no effect here, so that nothing is silent. */
  #report(): void {
    const annotations = Annotations.of(this)
    if (this.service.token !== undefined) {
      annotations.addWarningV2(
        'scalable-job:tokenNotDeployed',
        'token of service.json is not deployed, because everybody who may read the template would learn it; the first deploy makes a token, and you can put your own into the secret afterwards (see the output TokenSecret)',
      )
    }
    for (const { path, why } of this.service.ignored) annotations.addInfo(`${path} ${why}`)
  }
}
