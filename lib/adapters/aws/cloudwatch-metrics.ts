import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch'
import { METRIC_DIMENSION, METRIC_NAMESPACE, METRICS } from '../../registry/metrics.ts'
import type { Metrics, MetricSample } from '../../ports/metrics.ts'
import type { MetricsSettings } from './aws-settings.ts'
import { bounded } from './bounded.ts'
import { clientSettings, limitsOf } from './client-settings.ts'

/** CloudWatch: metrics of one PutMetricData. */
const MAX_SAMPLES = 1000

/** CloudWatch keeps such samples apart second by second, so that periods of 10 s work. */
const HIGH_RESOLUTION = 1

/** Measurements to CloudWatch. What cannot be delivered is logged and dropped. */
export class CloudWatchMetrics implements Metrics {
  readonly #client: CloudWatchClient
  readonly #settings: MetricsSettings

  constructor(settings: MetricsSettings) {
    this.#client = new CloudWatchClient(clientSettings(settings, 'metrics'))
    this.#settings = settings
  }

  async emit(samples: readonly MetricSample[]): Promise<void> {
    for (let from = 0; from < samples.length; from += MAX_SAMPLES) {
      const batch = samples.slice(from, from + MAX_SAMPLES)
      try {
        await this.#put(batch)
      } catch (error) {
        const reason = reasonOf(error)
        this.#settings.log.warn('metrics were dropped', { samples: batch.length, reason })
      }
    }
  }

  async close(): Promise<void> {
    this.#client.destroy()
  }

  async #put(samples: readonly MetricSample[]): Promise<void> {
    const { serviceName } = this.#settings
    const Dimensions = [{ Name: METRIC_DIMENSION, Value: serviceName }]
    const command = new PutMetricDataCommand({
      Namespace: METRIC_NAMESPACE,
      MetricData: samples.map(({ name, value, atMs }) => ({
        MetricName: name,
        Value: value,
        Unit: METRICS[name].unit,
        Timestamp: new Date(atMs),
        StorageResolution: HIGH_RESOLUTION,
        Dimensions,
      })),
    })
    const { callMs } = limitsOf(this.#settings, 'metrics')
    await bounded({ port: 'metrics', action: 'emit', callMs }, (signal) =>
      this.#client.send(command, { abortSignal: signal }),
    )
  }
}

/** What stopped the call, rather than that it stopped. */
function reasonOf(error: unknown): string {
  const { cause } = (error ?? {}) as { cause?: unknown }
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : String(error)
}
