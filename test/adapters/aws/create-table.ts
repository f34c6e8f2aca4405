import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { TABLE_SHAPE } from '../../../lib/job/table-shape.ts'

/** The table `jobs`, as the construct makes it: the shape alone decides. */
export async function createTable(endpoint: string): Promise<void> {
  const { partitionKey, sortKey, indexes } = TABLE_SHAPE
  const client = new DynamoDBClient({ region: 'us-east-1', endpoint })
  const keys = [{ partitionKey, sortKey }, ...indexes]
  const toSchema = (key: { partitionKey: string; sortKey: string }) => [
    { AttributeName: key.partitionKey, KeyType: 'HASH' as const },
    { AttributeName: key.sortKey, KeyType: 'RANGE' as const },
  ]
  await client.send(
    new CreateTableCommand({
      TableName: 'jobs',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: toSchema({ partitionKey, sortKey }),
      AttributeDefinitions: keys
        .flatMap((key) => [key.partitionKey, key.sortKey])
        .map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
      GlobalSecondaryIndexes: indexes.map((index) => ({
        IndexName: index.name,
        KeySchema: toSchema(index),
        Projection: { ProjectionType: 'KEYS_ONLY' as const },
      })),
    }),
  )
  client.destroy()
}
