import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'

/** What a write needs: where to, and what makes it recognisable. */
export interface WriteContext {
  readonly client: DynamoDBClient
  readonly tableName: string
  /** Never the same text twice: a row that carries it was written by this very write. */
  readonly newToken: () => string
  readonly signal: AbortSignal
}

/** Tries against a row that a transaction holds at this moment. */
export const MAX_CONFLICT_TRIES = 8
