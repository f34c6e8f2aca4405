import { randomUUID } from 'node:crypto'
import type { Files } from '../../ports/files.ts'
import type { Fleet } from '../../ports/fleet.ts'
import type { Metrics } from '../../ports/metrics.ts'
import type { Queues } from '../../ports/queues.ts'
import type { Table } from '../../ports/table.ts'
import type { FleetSettings, MetricsSettings, StoreSettings } from './aws-settings.ts'
import { CloudWatchMetrics } from './cloudwatch-metrics.ts'
import { DynamoTable } from './dynamodb/dynamo-table.ts'
import { EcsFleet } from './ecs/ecs-fleet.ts'
import { S3Files } from './s3/s3-files.ts'
import { SqsQueues } from './sqs/sqs-queues.ts'

export interface AwsStore {
  readonly table: Table
  readonly queues: Queues
  readonly files: Files
  /** Waits for receives that were given up, at most one long poll, then drops all connections. */
  close(): Promise<void>
}

export interface AwsBackend extends AwsStore {
  readonly fleet: Fleet
  readonly metrics: Metrics
}

/** Opens table, queues and files: what a worker uses. Connects to nothing before the first call. */
export function openAwsStore(settings: StoreSettings): AwsStore {
  const newToken = (): string => randomUUID()
  const table = new DynamoTable({ settings, newToken })
  const queues = new SqsQueues(settings)
  const files = new S3Files({ settings, newToken })
  const close = async (): Promise<void> => {
    await queues.close()
    await Promise.all([table.close(), files.close()])
  }
  return { table, queues, files, close }
}

/** Opens all of it: what API and scaler use. Connects to nothing before the first call. */
export function openAws(settings: StoreSettings & FleetSettings & MetricsSettings): AwsBackend {
  const store = openAwsStore(settings)
  const fleet = new EcsFleet({ settings, monotonicMs: () => performance.now() })
  const metrics = new CloudWatchMetrics(settings)
  const close = async (): Promise<void> => {
    await store.close()
    await Promise.all([fleet.close(), metrics.close()])
  }
  return { ...store, fleet, metrics, close }
}
