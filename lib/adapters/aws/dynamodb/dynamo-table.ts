import {
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb'
import { checkRange } from '../../../parsing/checks.ts'
import type { RowKey } from '../../../job/keys.ts'
import { indexAttributes } from '../../../job/table-shape.ts'
import type {
  IndexHit,
  IndexQuery,
  Page,
  Row,
  Table,
  Write,
  WriteOutcome,
} from '../../../ports/table.ts'
import type { StoreSettings } from '../aws-settings.ts'
import { batchGet, nameOfKey } from './batch-get.ts'
import { bounded } from '../bounded.ts'
import { clientSettings, limitsOf } from '../client-settings.ts'
import { decodePageToken, encodePageToken } from './page-token.ts'
import { type Item, textOf, toItemKey, toRow, toRowKey } from './table-item.ts'
import { writeRows } from './write-rows.ts'

/** DynamoDB: rows of one BatchGetItem or TransactWriteItems. */
const MAX_ROWS = 100
const MAX_PAGE = 1000

export interface DynamoTableOptions {
  readonly settings: StoreSettings
  /** Makes the token of each write; never the same twice, at most 36 characters. */
  readonly newToken: () => string
}

/** The table over one DynamoDB table of the shape `TABLE_SHAPE`. */
export class DynamoTable implements Table {
  readonly #client: DynamoDBClient
  readonly #tableName: string
  readonly #callMs: number
  readonly #newToken: () => string

  constructor({ settings, newToken }: DynamoTableOptions) {
    this.#client = new DynamoDBClient(clientSettings(settings, 'table'))
    this.#tableName = settings.tableName
    this.#callMs = limitsOf(settings, 'table').callMs
    this.#newToken = newToken
  }

  get(key: RowKey): Promise<Row | undefined> {
    return this.#bounded('get', async (signal) => {
      const command = new GetItemCommand({
        TableName: this.#tableName,
        Key: toItemKey(key),
        ConsistentRead: true,
      })
      const { Item } = await this.#client.send(command, { abortSignal: signal })
      return Item && toRow(Item)
    })
  }

  async getMany(keys: readonly RowKey[]): Promise<Row[]> {
    checkRange('keys', keys.length, { min: 0, max: MAX_ROWS })
    if (keys.length === 0) return []
    const found = await this.#bounded('getMany', (signal) =>
      batchGet({ client: this.#client, tableName: this.#tableName, signal }, keys),
    )
    return keys.flatMap((key) => {
      const item = found.get(nameOfKey(key))
      return item === undefined ? [] : [toRow(item)]
    })
  }

  async list(pk: string, page: Page): Promise<{ rows: Row[]; next?: string }> {
    checkRange('limit', page.limit, { min: 1, max: MAX_PAGE })
    const [sk] = page.after === undefined ? [] : decodePageToken(page.after, 1)
    const { items, more } = await this.#query('list', page.limit, {
      KeyConditionExpression: '#pk = :pk',
      ExpressionAttributeNames: { '#pk': 'pk' },
      ExpressionAttributeValues: { ':pk': { S: pk } },
      ConsistentRead: true,
      ScanIndexForward: page.newestFirst !== true,
      ...(sk !== undefined && { ExclusiveStartKey: toItemKey({ pk, sk }) }),
    })
    const rows = items.map(toRow)
    const last = rows.at(-1)
    if (!more || last === undefined) return { rows }
    return { rows, next: encodePageToken([last.key.sk]) }
  }

  async queryIndex(query: IndexQuery): Promise<{ hits: IndexHit[]; next?: string }> {
    checkRange('limit', query.limit, { min: 1, max: MAX_PAGE })
    const { sortKey } = indexAttributes(query.index)
    const { items, more } = await this.#query('queryIndex', query.limit, toIndexQuery(query))
    const hits = items.map((item) => ({ key: toRowKey(item), range: textOf(item, sortKey) }))
    const last = hits.at(-1)
    if (!more || last === undefined) return { hits }
    return { hits, next: encodePageToken([last.key.pk, last.key.sk, last.range]) }
  }

  async write(writes: readonly Write[]): Promise<WriteOutcome> {
    checkRange('writes', writes.length, { min: 1, max: MAX_ROWS })
    const distinct = new Set(writes.map(({ key }) => nameOfKey(key)))
    if (distinct.size < writes.length) throw new RangeError('a write names the same row twice')
    const place = { client: this.#client, tableName: this.#tableName, newToken: this.#newToken }
    return this.#bounded('write', (signal) => writeRows({ ...place, signal }, writes))
  }

  async close(): Promise<void> {
    this.#client.destroy()
  }

  /** Up to `limit` items over as many answers as it takes (DynamoDB ends each at 1 MB). */
  #query(
    action: string,
    limit: number,
    query: Omit<QueryCommandInput, 'TableName' | 'Limit'>,
  ): Promise<{ items: Item[]; more: boolean }> {
    return this.#bounded(action, async (signal) => {
      const items: Item[] = []
      let start = query.ExclusiveStartKey
      do {
        // One more than asked for, so that a page says truly whether another follows.
        const input = { ...query, TableName: this.#tableName, Limit: limit + 1 - items.length }
        const command = new QueryCommand(
          start === undefined ? input : { ...input, ExclusiveStartKey: start },
        )
        const answer = await this.#client.send(command, { abortSignal: signal })
        items.push(...(answer.Items ?? []))
        start = answer.LastEvaluatedKey
      } while (start !== undefined && items.length <= limit)
      return { items: items.slice(0, limit), more: items.length > limit }
    })
  }

  #bounded<T>(action: string, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return bounded({ port: 'table', action, callMs: this.#callMs }, run)
  }
}

function toIndexQuery({ index, hash, upTo, after, newestFirst }: IndexQuery) {
  const { partitionKey, sortKey } = indexAttributes(index)
  const start = after === undefined ? undefined : decodePageToken(after, 3)
  const [pk = '', sk = '', range = ''] = start ?? []
  return {
    IndexName: index,
    KeyConditionExpression:
      upTo === undefined ? '#hash = :hash' : '#hash = :hash AND #range <= :upTo',
    ExpressionAttributeNames: {
      '#hash': partitionKey,
      ...(upTo !== undefined && { '#range': sortKey }),
    },
    ExpressionAttributeValues: {
      ':hash': { S: hash },
      ...(upTo !== undefined && { ':upTo': { S: upTo } }),
    },
    ScanIndexForward: newestFirst !== true,
    ...(start !== undefined && {
      ExclusiveStartKey: {
        ...toItemKey({ pk, sk }),
        [partitionKey]: { S: hash },
        [sortKey]: { S: range },
      },
    }),
  } satisfies Omit<QueryCommandInput, 'TableName' | 'Limit'>
}
