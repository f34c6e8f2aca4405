import type { IndexEntry, RowKey } from '../../job/keys.ts'
import type { Database } from './database.ts'

const SELECT = 'SELECT name, hash, range FROM index_entries WHERE pk = ? AND sk = ?'
const DELETE = 'DELETE FROM index_entries WHERE pk = ? AND sk = ? AND name = ?'
const INSERT = 'INSERT INTO index_entries (name, hash, range, pk, sk) VALUES (?, ?, ?, ?, ?)'

/**
 * Makes a row stand in these indexes and no others, inside the transaction that writes the row. What
 * stays is not touched: a beat changes the row of a job, but no index.
 */
export function updateIndexEntries(
  database: Pick<Database, 'statement'>,
  { pk, sk }: RowKey,
  wanted: readonly IndexEntry[],
): void {
  const present = database.statement(SELECT).all(pk, sk)
  for (const { name, hash, range } of present) {
    const stays = wanted.some(
      (entry) => entry.index === name && entry.hash === hash && entry.range === range,
    )
    if (!stays) database.statement(DELETE).run(pk, sk, name ?? null)
  }
  for (const { index, hash, range } of wanted) {
    const stands = present.some(
      (entry) => entry['name'] === index && entry['hash'] === hash && entry['range'] === range,
    )
    if (!stands) database.statement(INSERT).run(index, hash, range, pk, sk)
  }
}
