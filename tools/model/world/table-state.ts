import type { IndexEntry, RowKey } from '../../../lib/job/keys.ts'
import type { JsonObject } from '../../../lib/ports/json.ts'
import type {
  Expectation,
  IndexHit,
  IndexQuery,
  Page,
  Row,
  Write,
  WriteOutcome,
} from '../../../lib/ports/table.ts'

export interface StoredRow {
  readonly key: RowKey
  readonly rev: number
  /** The same for everybody who looks: not to be changed. */
  readonly data: JsonObject
  readonly json: string
  readonly indexes: readonly IndexEntry[]
}

const MAX_WRITES = 100

/** Rows in memory. An index may also be asked as it stood before the last write of each row. */
export class TableState {
  readonly #rows = new Map<string, StoredRow>()
  readonly #before = new Map<string, readonly IndexEntry[]>()
  readonly #revs = new Map<string, number>()
  /** Told of each row that was written or deleted, once the whole write has happened. */
  onWrite: (before: StoredRow | undefined, after: StoredRow | undefined) => void = () => undefined

  get(key: RowKey): Row | undefined {
    const row = this.#rows.get(nameOf(key))
    if (row === undefined) return undefined
    return { key: { ...row.key }, rev: row.rev, data: JSON.parse(row.json) as JsonObject }
  }

  list(pk: string, page: Page): { rows: Row[]; next?: string } {
    const { limit, newestFirst = false, after } = page
    const sorted = [...this.#rows.values()]
      .filter((row) => row.key.pk === pk)
      .sort((one, other) => compareText(one.key.sk, other.key.sk))
    if (newestFirst) sorted.reverse()
    const start = after === undefined ? 0 : 1 + sorted.findIndex((row) => row.key.sk === after)
    const rows = sorted.slice(start, start + limit)
    const last = rows.at(-1)
    const hasMore = start + limit < sorted.length && last !== undefined
    return {
      rows: rows.flatMap((row) => this.get(row.key) ?? []),
      ...(hasMore && { next: last.key.sk }),
    }
  }

  /** @param isStale as the index stood before the last write of each row */
  queryIndex(query: IndexQuery, isStale = false): { hits: IndexHit[]; next?: string } {
    const { index, hash, limit, newestFirst = false, after, upTo } = query
    const found = [...this.#rows.values()].flatMap((row) => {
      const entries = isStale ? (this.#before.get(nameOf(row.key)) ?? []) : row.indexes
      return entries
        .filter((entry) => entry.index === index && entry.hash === hash)
        .filter(({ range }) => upTo === undefined || compareText(range, upTo) <= 0)
        .map(({ range }): IndexHit => ({ key: row.key, range }))
    })
    found.sort((one, other) => compareText(cursorOf(one), cursorOf(other)))
    if (newestFirst) found.reverse()
    const start = after === undefined ? 0 : 1 + found.findIndex((hit) => cursorOf(hit) === after)
    const hits = found.slice(start, start + limit)
    const last = hits.at(-1)
    const hasMore = start + limit < found.length && last !== undefined
    return { hits, ...(hasMore && { next: cursorOf(last) }) }
  }

  write(writes: readonly Write[]): WriteOutcome {
    const names = writes.map(({ key }) => nameOf(key))
    if (writes.length > MAX_WRITES) throw new RangeError('too many rows in one write')
    if (new Set(names).size < names.length) throw new RangeError('a row is named twice')
    const refused = writes.filter(({ key, expect }) => !this.#holds(key, expect))
    if (refused.length > 0) return { ok: false, refused: refused.map(({ key }) => key) }
    const changed = writes.map((write) => [this.#rows.get(nameOf(write.key)), write] as const)
    const revs = writes.map((write) => this.#apply(write))
    for (const [before, { key }] of changed) this.onWrite(before, this.#rows.get(nameOf(key)))
    return { ok: true, revs }
  }

  rows(): readonly StoredRow[] {
    return [...this.#rows.values()]
  }

  #holds(key: RowKey, expect: Expectation): boolean {
    const row = this.#rows.get(nameOf(key))
    if (expect === 'any') return true
    return expect === 'absent' ? row === undefined : row?.rev === expect.rev
  }

  #apply(write: Write): number {
    const { key } = write
    const name = nameOf(key)
    const rev = (this.#revs.get(name) ?? 0) + 1
    this.#revs.set(name, rev)
    this.#before.set(name, this.#rows.get(name)?.indexes ?? [])
    if (write.kind === 'delete') this.#rows.delete(name)
    else {
      const json = JSON.stringify(write.data)
      const data = JSON.parse(json) as JsonObject
      this.#rows.set(name, { key, rev, data, json, indexes: write.indexes ?? [] })
    }
    return rev
  }
}

function nameOf({ pk, sk }: RowKey): string {
  return `${pk}\n${sk}`
}

function cursorOf({ key, range }: IndexHit): string {
  return JSON.stringify([range, key.pk, key.sk])
}

/** In the order of UTF-8, as both stores sort. */
function compareText(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}
