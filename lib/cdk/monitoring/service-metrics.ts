import { Duration } from 'aws-cdk-lib'
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch'
import type { MetricName } from '../../registry/metrics.ts'
import { SIDES } from '../../ports/fleet.ts'
import { jobMetric } from './job-metric.ts'
import type { MonitoringProps } from './monitoring-props.ts'

const PERIOD = Duration.minutes(1)

/** The metrics of one service: its own by the names of `lib/registry/metrics.ts`, and those of AWS. */
export class ServiceMetrics {
  readonly #props: MonitoringProps

  constructor(props: MonitoringProps) {
    this.#props = props
  }

  /** One of the service's own. */
  own(metricName: MetricName, statistic: string): cloudwatch.Metric {
    return jobMetric(this.#props.service.name, metricName, { statistic })
  }

  /** Amazon API Gateway Developer Guide, "Working with metrics for HTTP APIs". */
  api(metricName: 'Count' | '4xx' | '5xx' | 'Latency', statistic: string): cloudwatch.Metric {
    return this.#of('AWS/ApiGateway', metricName, {
      statistic,
      dimensionsMap: { ApiId: this.#props.httpApiId },
    })
  }

  lambda(
    which: 'api' | 'scaler',
    metricName: 'Errors' | 'Throttles' | 'Duration',
    statistic: string,
  ): cloudwatch.Metric {
    const { apiFunctionName, scalerFunctionName } = this.#props
    return this.#of('AWS/Lambda', metricName, {
      statistic,
      dimensionsMap: { FunctionName: which === 'api' ? apiFunctionName : scalerFunctionName },
      label: `${which}: ${metricName}`,
    })
  }

  /** Messages that nobody has fetched yet. */
  queued(queue: 'output' | 'dead'): cloudwatch.Metric {
    return this.#of('AWS/SQS', 'ApproximateNumberOfMessagesVisible', {
      statistic: 'Maximum',
      dimensionsMap: { QueueName: this.#props.queueNames[queue] },
      label: `${queue} queue`,
    })
  }

  /** Both sides of the fleet. */
  usedShare(metricName: 'CPUUtilization' | 'MemoryUtilization'): cloudwatch.Metric[] {
    const { clusterName, serviceNames } = this.#props.fleet
    return SIDES.map((side) =>
      this.#of('AWS/ECS', metricName, {
        statistic: 'Average',
        dimensionsMap: { ClusterName: clusterName, ServiceName: serviceNames[side] },
        label: `${metricName} ${side}`,
      }),
    )
  }

  #of(
    namespace: string,
    metricName: string,
    rest: Pick<cloudwatch.MetricProps, 'statistic' | 'dimensionsMap' | 'label'>,
  ): cloudwatch.Metric {
    return new cloudwatch.Metric({ namespace, metricName, period: PERIOD, ...rest })
  }
}
