import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { type MetricName, METRICS } from '../../registry/metrics.ts'
import type { Metrics, MetricSample } from '../../ports/metrics.ts'

/** Seconds: from a short query to a training of a week. */
const BUCKETS_SECONDS = [0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600, 14_400, 86_400, 604_800]
const DISTRIBUTIONS: ReadonlySet<MetricName> = new Set(['RunSeconds', 'WaitSeconds'])
/** Samples of these are "so many since the last sample"; Prometheus wants the sum. */
const SUMS: ReadonlySet<MetricName> = new Set([
  'JobsSucceeded',
  'JobsFailed',
  'JobsCanceled',
  'AttemptsLost',
  'ScalerLookFailed',
])

/** The service's measurements in the Prometheus text format, at `/metrics`. */
export class PrometheusMetrics implements Metrics {
  readonly #registry = new Registry()
  readonly #gauges = new Map<MetricName, Gauge>()
  readonly #counters = new Map<MetricName, Counter>()
  readonly #histograms = new Map<MetricName, Histogram>()

  constructor(service: string) {
    this.#registry.setDefaultLabels({ service })
    for (const name of Object.keys(METRICS) as MetricName[]) {
      const config = { name: toPrometheusName(name), help: METRICS[name].what }
      const registers = [this.#registry]
      if (DISTRIBUTIONS.has(name)) {
        const buckets = BUCKETS_SECONDS
        this.#histograms.set(name, new Histogram({ ...config, registers, buckets }))
      } else if (SUMS.has(name)) {
        this.#counters.set(name, new Counter({ ...config, registers }))
      } else {
        this.#gauges.set(name, new Gauge({ ...config, registers }))
      }
    }
  }

  emit(samples: readonly MetricSample[]): Promise<void> {
    for (const { name, value } of samples) {
      this.#histograms.get(name)?.observe(value)
      this.#counters.get(name)?.inc(value)
      this.#gauges.get(name)?.set(value)
    }
    return Promise.resolve()
  }

  /** The body of `GET /metrics`. */
  render(): Promise<string> {
    return this.#registry.metrics()
  }
}

/** JobsWaiting → scalable_job_jobs_waiting */
function toPrometheusName(name: MetricName): string {
  const snake = name.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toLowerCase()
  return `scalable_job_${snake}`
}
