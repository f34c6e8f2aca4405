import { randomUUID } from 'node:crypto'
import { CALL_LIMITS, type CallLimits } from '../../../lib/adapters/aws/aws-settings.ts'
import { DynamoTable } from '../../../lib/adapters/aws/dynamodb/dynamo-table.ts'
import { S3Files } from '../../../lib/adapters/aws/s3/s3-files.ts'
import { SqsQueues } from '../../../lib/adapters/aws/sqs/sqs-queues.ts'
import { scriptedAdapter } from './scripted-adapter.ts'
import { storeAt } from './store-at.ts'

const newToken = (): string => randomUUID()

export function scriptedTable() {
  return scriptedAdapter((endpoint, limits: CallLimits = CALL_LIMITS.table) => {
    return new DynamoTable({ settings: storeAt(endpoint, { limits: { table: limits } }), newToken })
  })
}

/** Trouble that does not pass ends soon. */
export function scriptedFiles() {
  const limits = { files: { tryMs: 1000, callMs: 3000, maxTries: 2 } }
  return scriptedAdapter(
    (endpoint) => new S3Files({ settings: storeAt(endpoint, { limits }), newToken }),
  )
}

/** The host of the URL belongs to nobody: only the endpoint may decide where calls go. */
export function scriptedQueues() {
  const queueUrls = { command: 'https://sqs.nowhere.invalid/1/command' }
  const limits = { queues: { tryMs: 500, callMs: 2500, maxTries: 2 } }
  return scriptedAdapter((endpoint) => new SqsQueues(storeAt(endpoint, { queueUrls, limits })))
}
