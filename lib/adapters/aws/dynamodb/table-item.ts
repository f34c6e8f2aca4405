import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { RowKey } from '../../../job/keys.ts'
import { indexAttributes } from '../../../job/table-shape.ts'
import type { JsonObject } from '../../../ports/json.ts'
import type { PutRow, Row } from '../../../ports/table.ts'

export type Item = Record<string, AttributeValue>

/** DynamoDB: 400 KB an item, names and values together. */
const MAX_ITEM_BYTES = 400 * 1024

/** Bytes for the names and the small attributes of an item: far more than they take. */
const SMALL_ATTRIBUTES_BYTES = 4096

export function toItemKey({ pk, sk }: RowKey): Item {
  return { pk: { S: pk }, sk: { S: sk } }
}

/**
 * Everything of a row but its key and revision. `data` is JSON text rather than a map: what was
 * written is read back to the character, without DynamoDB's own rules for numbers (38 digits), empty
 * sets and nesting (32 levels).
 *
 * @throws RangeError when the row is larger than an item may be
 */
export function toAttributes(put: PutRow, token: string): Item {
  const data = JSON.stringify(put.data)
  if (Buffer.byteLength(data) > MAX_ITEM_BYTES - SMALL_ATTRIBUTES_BYTES) {
    throw new RangeError(`the row ${put.key.pk} ${put.key.sk} is larger than 400 KB`)
  }
  const item: Item = { data: { S: data }, token: { S: token } }
  if (put.expiresAtMs !== undefined) {
    item['expiresAt'] = { N: String(Math.ceil(put.expiresAtMs / 1000)) }
  }
  for (const { index, hash, range } of put.indexes ?? []) {
    const { partitionKey, sortKey } = indexAttributes(index)
    item[partitionKey] = { S: hash }
    item[sortKey] = { S: range }
  }
  return item
}

/** @throws Error when it is none of our rows: something else wrote it */
export function toRow(item: Item): Row {
  const rev = revOf(item)
  if (!Number.isSafeInteger(rev)) throw new Error('an item of the table has no revision')
  return { key: toRowKey(item), rev, data: dataOf(item) }
}

function dataOf(item: Item): JsonObject {
  const data = JSON.parse(textOf(item, 'data')) as unknown
  const isObject = typeof data === 'object' && data !== null && !Array.isArray(data)
  if (!isObject) throw new Error('the data of an item of the table is not a JSON object')
  return data as JsonObject
}

export function toRowKey(item: Item): RowKey {
  return { pk: textOf(item, 'pk'), sk: textOf(item, 'sk') }
}

/** NaN where there is none. */
export function revOf(item: Item): number {
  const text = item['rev']?.N
  // `Number('')` is 0, which would pass for a revision.
  return text === undefined || text === '' ? NaN : Number(text)
}

/** @throws Error when the attribute is missing, as in a row that something else wrote */
export function textOf(item: Item, attribute: string): string {
  const text = item[attribute]?.S
  if (text === undefined) throw new Error(`an item of the table has no text in ${attribute}`)
  return text
}
