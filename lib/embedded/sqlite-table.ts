import type { RowKey } from '../core/keys.ts'
import type { Clock } from '../ports/clock.ts'
import type { JsonObject } from '../ports/json.ts'
import type {
  Expectation,
  IndexHit,
  IndexQuery,
  Page,
  PutRow,
  Row,
  Table,
  Write,
  WriteOutcome,
} from '../ports/table.ts'
import { checkRange } from '../core/check-range.ts'
import type { Call, Database } from './database.ts'
import { PURGE_ROWS, PurgeTimer } from './purge-timer.ts'
import { updateIndexEntries } from './update-index-entries.ts'

const MAX_WRITES = 100 // DynamoDB: TransactWriteItems
const MAX_KEYS = 100 // DynamoDB: BatchGetItem
const MAX_PAGE = 1_000

export interface SqliteTableOptions {
  readonly database: Pick<Database, 'read' | 'write' | 'statement'>
  readonly clock: Pick<Clock, 'now'>
  /** A text that no other call gives. */
  readonly newToken: () => string
}

interface Standing {
  readonly rev: number
  readonly token: string
}

/** The table in a SQLite file that several processes share. */
export class SqliteTable implements Table {
  readonly #database: SqliteTableOptions['database']
  readonly #clock: Pick<Clock, 'now'>
  readonly #newToken: () => string
  readonly #purge = new PurgeTimer()

  constructor({ database, clock, newToken }: SqliteTableOptions) {
    this.#database = database
    this.#clock = clock
    this.#newToken = newToken
  }

  get(key: RowKey): Promise<Row | undefined> {
    return this.#database.read(call('get'), () => this.#find(key))
  }

  async getMany(keys: readonly RowKey[]): Promise<Row[]> {
    checkRange('keys', keys.length, { min: 0, max: MAX_KEYS })
    return this.#database.read(call('getMany'), () =>
      keys.map((key) => this.#find(key)).filter((row) => row !== undefined),
    )
  }

  async list(pk: string, page: Page): Promise<{ rows: Row[]; next?: string }> {
    checkRange('limit', page.limit, { min: 1, max: MAX_PAGE })
    const { compare, order } = direction(page)
    const statement = `SELECT sk, rev, data FROM rows
      WHERE pk = ?1 AND (?2 IS NULL OR sk ${compare} ?2) ORDER BY sk ${order} LIMIT ?3`
    const found = await this.#database.read(call('list'), () =>
      this.#database.statement(statement).all(pk, page.after ?? null, page.limit + 1),
    )
    const rows = found.slice(0, page.limit).map((columns) => toRow(pk, columns))
    const last = rows.at(-1)
    if (found.length <= page.limit || last === undefined) return { rows }
    return { rows, next: last.key.sk }
  }

  async queryIndex(query: IndexQuery): Promise<{ hits: IndexHit[]; next?: string }> {
    checkRange('limit', query.limit, { min: 1, max: MAX_PAGE })
    const { compare, order } = direction(query)
    const statement = `SELECT range, pk, sk FROM index_entries
      WHERE name = ?1 AND hash = ?2 AND (?3 IS NULL OR range <= ?3)
        AND (?4 IS NULL OR (range, pk, sk) ${compare} (?4, ?5, ?6))
      ORDER BY range ${order}, pk ${order}, sk ${order} LIMIT ?7`
    const { index, hash, upTo = null, after, limit } = query
    const cursor = after === undefined ? [null, null, null] : parseCursor(after)
    const found = await this.#database.read(call('queryIndex'), () =>
      this.#database.statement(statement).all(index, hash, upTo, ...cursor, limit + 1),
    )
    const hits = found.slice(0, limit).map(toHit)
    const last = hits.at(-1)
    if (found.length <= limit || last === undefined) return { hits }
    return { hits, next: makeCursor(last) }
  }

  async write(writes: readonly Write[]): Promise<WriteOutcome> {
    checkRange('writes', writes.length, { min: 1, max: MAX_WRITES })
    checkDistinct(writes)
    const token = this.#newToken()
    return this.#database.write(call('write'), () => {
      const outcome = this.#apply(writes, token)
      this.#purge.run(this.#clock.now(), () => this.#deleteExpired())
      return outcome
    })
  }

  /** The file stays open for the other ports; whoever opened it closes it. */
  async close(): Promise<void> {}

  #find(key: RowKey): Row | undefined {
    const statement = 'SELECT sk, rev, data FROM rows WHERE pk = ? AND sk = ?'
    const columns = this.#database.statement(statement).get(key.pk, key.sk)
    return columns && toRow(key.pk, columns)
  }

  #apply(writes: readonly Write[], token: string): WriteOutcome {
    const standing = writes.map((write) => this.#findStanding(write.key))
    const refused = writes.filter(({ expect }, at) => !holds(expect, standing[at]))
    if (refused.length === 0) {
      return {
        ok: true,
        revs: writes.map((write, at) => this.#applyOne(write, standing[at], token)),
      }
    }
    // The transaction ran before and its commit was reported as failed although it stands.
    if (isOwn(writes, standing, token))
      return { ok: true, revs: standing.map((row) => row?.rev ?? 0) }
    return { ok: false, refused: refused.map(({ key }) => key) }
  }

  #findStanding({ pk, sk }: RowKey): Standing | undefined {
    const statement = 'SELECT rev, token FROM rows WHERE pk = ? AND sk = ?'
    return this.#database.statement(statement).get(pk, sk) as Standing | undefined
  }

  #applyOne(write: Write, standing: Standing | undefined, token: string): number {
    if (write.kind === 'put') return this.#put(write, (standing?.rev ?? 0) + 1, token)
    const { pk, sk } = write.key
    this.#database.statement('DELETE FROM rows WHERE pk = ? AND sk = ?').run(pk, sk)
    updateIndexEntries(this.#database, write.key, [])
    return standing?.rev ?? 0
  }

  #put(write: PutRow, rev: number, token: string): number {
    const { key, data, indexes = [], expiresAtMs = null } = write
    const statement = `INSERT INTO rows (pk, sk, rev, token, data, expires_at) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (pk, sk) DO UPDATE SET
        rev = excluded.rev, token = excluded.token, data = excluded.data, expires_at = excluded.expires_at`
    this.#database
      .statement(statement)
      .run(key.pk, key.sk, rev, token, JSON.stringify(data), expiresAtMs)
    updateIndexEntries(this.#database, key, indexes)
    return rev
  }

  #deleteExpired(): number {
    const statement = `SELECT pk, sk FROM rows WHERE expires_at < ? ORDER BY expires_at LIMIT ${PURGE_ROWS}`
    const expired = this.#database.statement(statement).all(this.#clock.now())
    for (const columns of expired) {
      const { pk, sk } = columns as unknown as RowKey
      this.#applyOne({ kind: 'delete', key: { pk, sk }, expect: 'any' }, undefined, '')
    }
    return expired.length
  }
}

function call(action: string): Call {
  return { port: 'table', action }
}

function direction({ newestFirst = false }: Page): { compare: '<' | '>'; order: 'ASC' | 'DESC' } {
  return newestFirst ? { compare: '<', order: 'DESC' } : { compare: '>', order: 'ASC' }
}

type Columns = Record<string, unknown>

function toRow(pk: string, columns: Columns): Row {
  const { sk, rev, data } = columns as { sk: string; rev: number; data: string }
  return { key: { pk, sk }, rev, data: JSON.parse(data) as JsonObject }
}

function toHit(columns: Columns): IndexHit {
  const { range, pk, sk } = columns as { range: string; pk: string; sk: string }
  return { key: { pk, sk }, range }
}

function holds(expect: Expectation, standing: Standing | undefined): boolean {
  if (expect === 'any') return true
  if (expect === 'absent') return standing === undefined
  return standing?.rev === expect.rev
}

function isOwn(
  writes: readonly Write[],
  standing: readonly (Standing | undefined)[],
  token: string,
): boolean {
  const puts = writes.filter(({ kind }) => kind === 'put')
  const stands = (write: Write, at: number) =>
    write.kind === 'put' ? standing[at]?.token === token : standing[at] === undefined
  return puts.length > 0 && writes.every(stands)
}

/** DynamoDB refuses two writes of one row in one transaction, so this table does too. */
function checkDistinct(writes: readonly Write[]): void {
  const keys = new Set(writes.map(({ key }) => JSON.stringify([key.pk, key.sk])))
  if (keys.size < writes.length) throw new RangeError('a write names the same row twice')
}

/** Where a page of an index ended: ranges may repeat, so the row is part of it. */
function makeCursor({ range, key }: IndexHit): string {
  return Buffer.from(JSON.stringify([range, key.pk, key.sk])).toString('base64url')
}

/** @throws RangeError for a text that no page answered as `next` */
function parseCursor(after: string): [string, string, string] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(after, 'base64url').toString())
    if (Array.isArray(parts) && parts.length === 3)
      return parts.map(String) as [string, string, string]
  } catch {
    // Not even JSON: answered like any other foreign text.
  }
  throw new RangeError('`after` is not the `next` of an earlier page')
}
