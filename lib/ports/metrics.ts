import type { MetricName } from '../registry/metrics.ts'

export interface MetricSample {
  readonly name: MetricName
  readonly value: number
  readonly atMs: number
}

/** Where measurements go: CloudWatch at 10 s resolution, or `/metrics`. Never throws. */
export interface Metrics {
  emit(samples: readonly MetricSample[]): Promise<void>
}
