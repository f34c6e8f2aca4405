import { checkRange } from '../../parsing/checks.ts'
import type { RowKey } from '../../job/keys.ts'
import type { Clock } from '../../ports/clock.ts'
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
} from '../../ports/table.ts'
import type { Call, Database } from './database.ts'
import { listRows, ROW_COLUMNS, toRow } from './list-rows.ts'
import { PURGE_ROWS, PurgeTimer } from './purge-timer.ts'
import { queryIndex } from './query-index.ts'
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
    return this.#database.read(call('list'), () => listRows(this.#database, pk, page))
  }

  async queryIndex(query: IndexQuery): Promise<{ hits: IndexHit[]; next?: string }> {
    checkRange('limit', query.limit, { min: 1, max: MAX_PAGE })
    return this.#database.read(call('queryIndex'), () => queryIndex(this.#database, query))
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
    const statement = `SELECT ${ROW_COLUMNS} FROM rows WHERE pk = ? AND sk = ?`
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
