import { Duration } from 'aws-cdk-lib'
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch'
import {
  METRIC_DIMENSION,
  METRIC_NAMESPACE,
  METRICS,
  type MetricName,
} from '../../registry/metrics.ts'

/** What the scaler counts once per look; adding two looks up would count things twice. */
const GAUGES: ReadonlySet<MetricName> = new Set<MetricName>([
  'DeadLetters',
  'JobsRunning',
  'JobsWaiting',
  'OldestWaitingSeconds',
  'QueueDepthDifference',
  'WorkersBusy',
  'WorkersRunning',
  'WorkersWanted',
])

/**
 * A metric of one service. Values arrive every ten seconds; the period is a minute unless said
 * otherwise, because CloudWatch keeps finer ones for three hours only. Gauges show the largest
 * value of a period, counts their sum, durations their average.
 */
export function jobMetric(
  serviceName: string,
  name: MetricName,
  options: cloudwatch.MetricOptions = {},
): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: METRIC_NAMESPACE,
    metricName: name,
    dimensionsMap: { [METRIC_DIMENSION]: serviceName },
    statistic: statisticOf(name),
    period: Duration.minutes(1),
    ...options,
  })
}

function statisticOf(name: MetricName): string {
  if (GAUGES.has(name)) return cloudwatch.Stats.MAXIMUM
  return METRICS[name].unit === 'Seconds' ? cloudwatch.Stats.AVERAGE : cloudwatch.Stats.SUM
}
