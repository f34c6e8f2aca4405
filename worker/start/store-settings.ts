import type { QueueName } from '../../lib/ports/queues.ts'

/**
 * Which store a worker uses. Plain data, because the beat thread gets a copy and opens a connection
 * of its own from it.
 */
export type StoreSettings =
  | { readonly backend: 'embedded'; readonly stateDir: string }
  | {
      readonly backend: 'aws'
      readonly tableName: string
      readonly bucketName: string
      readonly queueUrls: Readonly<Partial<Record<QueueName, string>>>
    }
