import type {
  DeleteItemCommandInput,
  DynamoDBClient,
  PutItemCommandInput,
  TransactWriteItem,
  UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb'
import { INDEXES } from '../../../job/keys.ts'
import { indexAttributes, TABLE_SHAPE } from '../../../job/table-shape.ts'
import type { DeleteRow, Expectation, PutRow } from '../../../ports/table.ts'
import { type Item, toAttributes, toItemKey } from './table-item.ts'

/** What a write needs: where to, and what makes it recognisable. */
export interface WriteContext {
  readonly client: DynamoDBClient
  readonly tableName: string
  /** Never the same text twice: a row that carries it was written by this very write. */
  readonly newToken: () => string
  readonly signal: AbortSignal
}

/** How often a write is tried on a row that a transaction holds at the moment. */
export const MAX_CONFLICT_TRIES = 8

/** An expectation that a condition can state. */
export type Definite = Exclude<Expectation, 'any'>

/** A write as a transaction can state it. */
export type DefiniteWrite = (DeleteRow | PutRow) & { readonly expect: Definite }

export interface Target {
  readonly tableName: string
  /** Fresh for each write; shared by the rows of one transaction. */
  readonly token: string
}

/** The revision of the row that a put replaces, or a delete deletes; 0 where there is none. */
export function standingRev(expect: Definite): number {
  return expect === 'absent' ? 0 : expect.rev
}

/** The put's own revision follows from what it expects. */
export function nextRev(expect: Definite): number {
  return standingRev(expect) + 1
}

type Condition = Pick<
  PutItemCommandInput,
  | 'ConditionExpression'
  | 'ExpressionAttributeNames'
  | 'ExpressionAttributeValues'
  | 'ReturnValuesOnConditionCheckFailure'
>

function toCondition(expect: Definite): Condition {
  const whenRefused = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const
  if (expect === 'absent') {
    return {
      ConditionExpression: 'attribute_not_exists(#pk)',
      ExpressionAttributeNames: { '#pk': TABLE_SHAPE.partitionKey },
      ...whenRefused,
    }
  }
  return {
    ConditionExpression: '#rev = :rev',
    ExpressionAttributeNames: { '#rev': 'rev' },
    ExpressionAttributeValues: { ':rev': { N: String(expect.rev) } },
    ...whenRefused,
  }
}

export function toPut(put: PutRow, expect: Definite, { tableName, token }: Target) {
  return {
    TableName: tableName,
    Item: {
      ...toItemKey(put.key),
      ...toAttributes(put, token),
      rev: { N: String(nextRev(expect)) },
    },
    ...toCondition(expect),
  } satisfies PutItemCommandInput
}

/** A delete without a condition: repeats of it are harmless. */
export function toPlainDelete({ key }: DeleteRow, tableName: string): DeleteItemCommandInput {
  return { TableName: tableName, Key: toItemKey(key), ReturnValues: 'ALL_OLD' }
}

/**
 * A put that replaces whatever stands. It is an update, so that DynamoDB counts the revision up. The
 * condition refuses a repeat of a write whose first try took effect without an answer.
 */
export function toBlindPut(put: PutRow, { tableName, token }: Target): UpdateItemCommandInput {
  const attributes = toAttributes(put, token)
  const unset = optionalAttributes().filter((name) => attributes[name] === undefined)
  const names = Object.keys(attributes)
  const sets = names.map((name) => `#${name} = :${name}`).join(', ')
  const removes = unset.length === 0 ? '' : ` REMOVE ${unset.map((name) => `#${name}`).join(', ')}`
  return {
    TableName: tableName,
    Key: toItemKey(put.key),
    UpdateExpression: `SET ${sets}${removes} ADD #rev :one`,
    ConditionExpression: 'attribute_not_exists(#token) OR #token <> :token',
    ExpressionAttributeNames: Object.fromEntries(
      ['rev', ...names, ...unset].map((name) => [`#${name}`, name]),
    ),
    ExpressionAttributeValues: {
      ':one': { N: '1' },
      ...prefixed(attributes),
    },
    ReturnValues: 'UPDATED_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  }
}

export function toTransactItem(write: DefiniteWrite, target: Target): TransactWriteItem {
  const { expect } = write
  if (write.kind === 'put') return { Put: toPut(write, expect, target) }
  const { tableName } = target
  return { Delete: { TableName: tableName, Key: toItemKey(write.key), ...toCondition(expect) } }
}

function optionalAttributes(): string[] {
  const names: string[] = [TABLE_SHAPE.timeToLive]
  for (const index of INDEXES) {
    const { partitionKey, sortKey } = indexAttributes(index)
    names.push(partitionKey, sortKey)
  }
  return names
}

function prefixed(item: Item): Item {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [`:${name}`, value]))
}
