import type { JsonObject } from '../../ports/json.ts'
import type { Page, Row } from '../../ports/table.ts'
import type { Database } from './database.ts'

/** What a row is made from, beside its `pk`: the columns as SQLite answers them. */
export const ROW_COLUMNS = 'sk, rev, data'

export function toRow(pk: string, columns: Record<string, unknown>): Row {
  const { sk, rev, data } = columns as { sk: string; rev: number; data: string }
  return { key: { pk, sk }, rev, data: JSON.parse(data) as JsonObject }
}

/** One page of the rows of one `pk`. The page after it starts behind the last `sk`. */
export function listRows(
  database: Pick<Database, 'statement'>,
  pk: string,
  { limit, newestFirst = false, after }: Page,
): { rows: Row[]; next?: string } {
  const [compare, order] = newestFirst ? ['<', 'DESC'] : ['>', 'ASC']
  // An absent bound is left out: with `? IS NULL OR …` SQLite would not use the index.
  const bound = after === undefined ? '' : `AND sk ${compare} ?`
  const statement = `SELECT ${ROW_COLUMNS} FROM rows WHERE pk = ? ${bound} ORDER BY sk ${order} LIMIT ?`
  const values = after === undefined ? [pk] : [pk, after]
  // One more than asked for tells whether another page follows.
  const found = database.statement(statement).all(...values, limit + 1)
  const rows = found.slice(0, limit).map((columns) => toRow(pk, columns))
  const last = rows.at(-1)
  return found.length > limit && last !== undefined ? { rows, next: last.key.sk } : { rows }
}
