import type { IndexHit, IndexQuery } from '../../ports/table.ts'
import type { Database } from './database.ts'

/**
 * One page of an index.
 *
 * @throws RangeError when `after` is not the `next` of a page
 */
export function queryIndex(
  database: Pick<Database, 'statement'>,
  query: IndexQuery,
): { hits: IndexHit[]; next?: string } {
  const { index, hash, limit, newestFirst = false, upTo, after } = query
  const [compare, order] = newestFirst ? ['<', 'DESC'] : ['>', 'ASC']
  const bounds: string[] = []
  const values: string[] = [index, hash]
  if (upTo !== undefined) {
    bounds.push('AND range <= ?')
    values.push(upTo)
  }
  if (after !== undefined) {
    bounds.push(`AND (range, pk, sk) ${compare} (?, ?, ?)`)
    values.push(...parseCursor(after))
  }
  const statement = `SELECT range, pk, sk FROM index_entries WHERE name = ? AND hash = ?
    ${bounds.join(' ')} ORDER BY range ${order}, pk ${order}, sk ${order} LIMIT ?`
  // One more than asked for tells whether another page follows.
  const found = database.statement(statement).all(...values, limit + 1)
  const hits = found.slice(0, limit).map(toHit)
  const last = hits.at(-1)
  return found.length > limit && last !== undefined ? { hits, next: makeCursor(last) } : { hits }
}

function toHit(columns: Record<string, unknown>): IndexHit {
  const { range, pk, sk } = columns as { range: string; pk: string; sk: string }
  return { key: { pk, sk }, range }
}

/** Where a page ended: ranges may repeat, so the row is part of it. */
function makeCursor({ range, key }: IndexHit): string {
  return Buffer.from(JSON.stringify([range, key.pk, key.sk])).toString('base64url')
}

function parseCursor(after: string): string[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(after, 'base64url').toString())
    if (Array.isArray(parts) && parts.length === 3) return parts.map(String)
  } catch {
    // Not even JSON: answered like any other foreign text.
  }
  throw new RangeError('`after` is not the `next` of an earlier page')
}
