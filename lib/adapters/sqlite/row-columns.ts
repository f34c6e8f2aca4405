import type { JsonObject } from '../../ports/json.ts'
import type { Row } from '../../ports/table.ts'

/** What a row is made from, beside its `pk`: the columns as SQLite answers them. */
export const ROW_COLUMNS = 'sk, rev, data'

export function toRow(pk: string, columns: Record<string, unknown>): Row {
  const { sk, rev, data } = columns as { sk: string; rev: number; data: string }
  return { key: { pk, sk }, rev, data: JSON.parse(data) as JsonObject }
}
