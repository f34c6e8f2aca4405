import type { StoreSettings } from '../../../lib/adapters/aws/aws-settings.ts'

/** Settings of a store at an endpoint of the test. */
export function storeAt(endpoint: string, more: Partial<StoreSettings> = {}): StoreSettings {
  return {
    region: 'us-east-1',
    endpoint,
    tableName: 'jobs',
    bucketName: 'files',
    queueUrls: {},
    ...more,
  }
}
