import { INDEXES, type IndexName } from './keys.ts'

/**
 * The DynamoDB table: one for jobs, workers and the scaler's memory. What creates the table and what
 * uses it share this shape. All keys are text; every index projects keys only, because an index only
 * nominates.
 */
export const TABLE_SHAPE = {
  partitionKey: 'pk',
  sortKey: 'sk',
  /** Seconds since 1970 (DynamoDB's time to live). */
  timeToLive: 'expiresAt',
  indexes: INDEXES.map((name) => ({ name, ...indexAttributes(name) })),
} as const

export interface IndexAttributes {
  readonly partitionKey: string
  readonly sortKey: string
}

/** The attributes by which a row stands in an index; a row without them is not in it. */
export function indexAttributes(index: IndexName): IndexAttributes {
  return { partitionKey: `${index}Hash`, sortKey: `${index}Range` }
}
