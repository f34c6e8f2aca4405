import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PutRow, Row } from '../../lib/ports/table.ts'

export type RowKind = 'jobs' | 'workers' | 'scaler'

/**
 * Rows as a service of that format wrote them: 0 is the format before rows said theirs. They are
 * never changed: what a table holds today must be readable from here on.
 */
export function storedRows(kind: RowKind, format: 0 | 1): readonly PutRow[] {
  const file = join(import.meta.dirname, `../fixtures/rows/${kind}-${format}.json`)
  const rows = JSON.parse(readFileSync(file, 'utf8')) as readonly Pick<PutRow, 'key' | 'data'>[]
  return rows.map((row) => ({ ...row, kind: 'put', expect: 'any' }))
}

export function toRow({ key, data }: PutRow): Row {
  return { key, data, rev: 7 }
}
