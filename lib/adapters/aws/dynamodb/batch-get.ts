import {
  BatchGetItemCommand,
  type DynamoDBClient,
  type KeysAndAttributes,
} from '@aws-sdk/client-dynamodb'
import type { RowKey } from '../../../job/keys.ts'
import { pauses } from '../bounded.ts'
import { type Item, textOf, toItemKey } from './table-item.ts'

export interface ReadContext {
  readonly client: DynamoDBClient
  readonly tableName: string
  readonly signal: AbortSignal
}

/** Items by key, strongly consistent; asks again for what DynamoDB left over, until time is up. */
export async function batchGet(
  { client, tableName, signal }: ReadContext,
  keys: readonly RowKey[],
): Promise<Map<string, Item>> {
  const found = new Map<string, Item>()
  const distinct = new Map(keys.map((key) => [nameOfKey(key), toItemKey(key)]))
  let open: KeysAndAttributes | undefined = {
    Keys: [...distinct.values()],
    ConsistentRead: true,
  }
  const pause = pauses(signal)
  for (let round = 1; open !== undefined; round += 1) {
    if (round > 1) await pause()
    const command: BatchGetItemCommand = new BatchGetItemCommand({
      RequestItems: { [tableName]: open },
    })
    const answer = await client.send(command, { abortSignal: signal })
    for (const item of answer.Responses?.[tableName] ?? []) {
      found.set(nameOfKey({ pk: textOf(item, 'pk'), sk: textOf(item, 'sk') }), item)
    }
    open = answer.UnprocessedKeys?.[tableName]
  }
  return found
}

/** A key as one text, for maps. */
export function nameOfKey({ pk, sk }: RowKey): string {
  return JSON.stringify([pk, sk])
}
