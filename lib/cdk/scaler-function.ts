import { Duration } from 'aws-cdk-lib'
import * as events from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import * as iam from 'aws-cdk-lib/aws-iam'
import type * as lambda from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import { ENV } from '../registry/env.ts'
import { METRIC_NAMESPACE } from '../registry/metrics.ts'
import type { Service } from '../service/service.ts'
import { acknowledgeWildcards } from './acknowledge.ts'
import type { FleetHandle } from './fleet/fleet-handle.ts'
import { JobFunction } from './job-function.ts'
import type { ServiceStores } from './stores/service-stores.ts'

/** The looks of one minute, and the longest that the last of them may take behind it. */
const TIMEOUT = Duration.seconds(90)
/** About 110 MiB are used. It runs all day, so each further MiB costs; 192 stay near the free tier. */
const MEMORY_MIB = 192
/** What is older is covered by the next minute. 60 s is also the least that Lambda takes. */
const MAX_EVENT_AGE = Duration.seconds(60)

export interface ScalerFunctionProps {
  readonly service: Service
  readonly stores: ServiceStores
  readonly fleet: FleetHandle
}

/**
 * The scaler: started by a rule each minute, looks every `timing.lookSeconds` within, and at once
 * when kicked. Events are never retried, so that looks do not pile up behind an outage.
 */
export class ScalerFunction extends Construct {
  readonly function: lambda.Function

  constructor(scope: Construct, id: string, { service, stores, fleet }: ScalerFunctionProps) {
    super(scope, id)
    const scaler = new JobFunction(this, 'Look', {
      program: 'scaler',
      description: `Scaler of ${service.name}: looks every ${service.timing.lookSeconds} s`,
      memoryMib: MEMORY_MIB,
      timeout: TIMEOUT,
      environment: {
        ...stores.environment,
        ...fleet.environmentForScaler,
        [ENV.logLevel.name]: 'info',
      },
      service,
    })
    this.function = scaler.function
    this.function.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: MAX_EVENT_AGE })
    stores.grantScaler(scaler)
    fleet.grantScaler(scaler)
    grantMetrics(scaler)
    this.#lookEachMinute()
  }

  /** Starting a look, and nothing else about the function. */
  grantKick(grantee: iam.IGrantable): void {
    const resourceArns = [this.function.functionArn]
    iam.Grant.addToPrincipal({ grantee, actions: ['lambda:InvokeFunction'], resourceArns })
  }

  /** A rule, not a schedule of EventBridge Scheduler: rules keep to the same second each minute. */
  #lookEachMinute(): void {
    new events.Rule(this, 'EachMinute', {
      description: 'Starts the looks of one minute',
      schedule: events.Schedule.rate(Duration.minutes(1)),
      targets: [
        new LambdaFunction(this.function, {
          retryAttempts: 0,
          maxEventAge: MAX_EVENT_AGE,
        }),
      ],
    })
  }
}

function grantMetrics(scaler: JobFunction): void {
  iam.Grant.addToPrincipal({
    grantee: scaler,
    actions: ['cloudwatch:PutMetricData'],
    resourceArns: ['*'],
    conditions: { StringEquals: { 'cloudwatch:namespace': METRIC_NAMESPACE } },
  })
  acknowledgeWildcards(
    scaler.grantPrincipal,
    { resources: ['*'] },
    `cloudwatch:PutMetricData takes no resource (Service Authorization Reference); a condition allows the namespace ${METRIC_NAMESPACE} alone.`,
  )
}
