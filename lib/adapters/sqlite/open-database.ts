import { DatabaseSync } from 'node:sqlite'
import { ServiceError } from '../../registry/errors.ts'
import { Database, type DatabaseTools, isBusy } from './database.ts'
import { faultWords } from '../../registry/system-faults.ts'

/** How long one call may hold the thread while another process writes. */
const SLICE_MS = 50
const OPEN_PAUSE_MS = 20
const OPEN_TRIES = 140 // about 10 s of slices and pauses
const MAX_WAL_BYTES = 64 * 1024 * 1024

/** Each entry brings a database from its index to the next version; `user_version` keeps count. */
const MIGRATIONS = [
  `
  CREATE TABLE rows (
    pk TEXT NOT NULL,
    sk TEXT NOT NULL,
    rev INTEGER NOT NULL,
    token TEXT NOT NULL,
    data TEXT NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (pk, sk)
  ) STRICT;
  CREATE INDEX rows_by_expiry ON rows (expires_at) WHERE expires_at IS NOT NULL;

  CREATE TABLE index_entries (
    name TEXT NOT NULL,
    hash TEXT NOT NULL,
    range TEXT NOT NULL,
    pk TEXT NOT NULL,
    sk TEXT NOT NULL,
    PRIMARY KEY (name, hash, range, pk, sk)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX index_entries_by_row ON index_entries (pk, sk, name);

  -- AUTOINCREMENT: an id that a receipt names is never given again.
  CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    visible_at INTEGER NOT NULL,
    receive_count INTEGER NOT NULL DEFAULT 0,
    receipt TEXT,
    sent_at INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX messages_by_visibility ON messages (queue, visible_at, receive_count);

  CREATE TABLE files (
    key TEXT NOT NULL PRIMARY KEY,
    place TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    content_type TEXT
  ) STRICT, WITHOUT ROWID;
  `,
  // Which jobs name a file as their input: see `FileCollector`.
  `
  CREATE INDEX rows_by_input_key ON rows (json_extract(data, '$.input.key'))
    WHERE json_extract(data, '$.input.key') IS NOT NULL;
  `,
  // How many messages stand in each queue: counting them would take longer the more wait.
  `
  CREATE TABLE queue_totals (
    queue TEXT NOT NULL PRIMARY KEY,
    messages INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  INSERT INTO queue_totals SELECT queue, count(*) FROM messages GROUP BY queue;
  CREATE TRIGGER message_sent AFTER INSERT ON messages BEGIN
    INSERT INTO queue_totals VALUES (new.queue, 1)
      ON CONFLICT (queue) DO UPDATE SET messages = messages + 1;
  END;
  CREATE TRIGGER message_deleted AFTER DELETE ON messages BEGIN
    UPDATE queue_totals SET messages = messages - 1 WHERE queue = old.queue;
  END;
  CREATE TRIGGER message_moved AFTER UPDATE OF queue ON messages BEGIN
    UPDATE queue_totals SET messages = messages - 1 WHERE queue = old.queue;
    INSERT INTO queue_totals VALUES (new.queue, 1)
      ON CONFLICT (queue) DO UPDATE SET messages = messages + 1;
  END;
  `,
]

/**
 * Opens, and where needed creates, the database of the embedded service. `:memory:` for one that
 * only this connection sees. Blocks for at most 10 s while another process creates it.
 *
 * @throws ServiceError `newer-state` when a newer version of Scalable Job has written it,
 *   `unusable-state` when the file is not a database or cannot be opened
 */
export function openDatabase(path: string, tools: DatabaseTools): Database {
  try {
    return open(path, tools)
  } catch (error) {
    throw explainUnusable(path, error) ?? error
  }
}

function open(path: string, tools: DatabaseTools): Database {
  const connection = new DatabaseSync(path, { timeout: SLICE_MS })
  try {
    whileBusy(() => {
      connection.exec('PRAGMA journal_mode = WAL')
      connection.exec('PRAGMA synchronous = FULL')
      connection.exec(`PRAGMA journal_size_limit = ${MAX_WAL_BYTES}`)
      migrate(connection, path)
    })
  } catch (error) {
    connection.close()
    throw error
  }
  return new Database(connection, tools)
}

function migrate(connection: DatabaseSync, path: string): void {
  if (readVersion(connection) === MIGRATIONS.length) return
  connection.exec('BEGIN IMMEDIATE')
  try {
    // Read again: another process may have been first.
    const version = readVersion(connection)
    if (version > MIGRATIONS.length) throw makeNewerError(path, version)
    for (const migration of MIGRATIONS.slice(version)) connection.exec(migration)
    connection.exec(`PRAGMA user_version = ${MIGRATIONS.length}`)
    connection.exec('COMMIT')
  } catch (error) {
    if (connection.isTransaction) connection.exec('ROLLBACK')
    throw error
  }
}

function readVersion(connection: DatabaseSync): number {
  return Number(connection.prepare('PRAGMA user_version').get()?.['user_version'])
}

function makeNewerError(path: string, version: number): ServiceError {
  return new ServiceError(
    'newer-state',
    `the database ${path} has schema version ${version}; this version of Scalable Job knows up to ${MIGRATIONS.length}`,
  )
}

/** SQLite does not wait by itself while the journal mode changes, hence a loop of our own. */
function whileBusy(body: () => void): void {
  for (let tries = 1; ; tries += 1) {
    try {
      body()
      return
    } catch (error) {
      if (!isBusy(error) || tries >= OPEN_TRIES) throw error
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, OPEN_PAUSE_MS)
  }
}

/** Why a database cannot be opened, with what helps; undefined when the error is another. */
function explainUnusable(path: string, error: unknown): ServiceError | undefined {
  const { why, allowed } = faultWords(error) ?? {}
  if (!(error instanceof Error) || why === undefined || allowed === undefined) return undefined
  return new ServiceError('unusable-state', `the database ${path} cannot be used: ${why}`, {
    details: [{ path, problem: why, allowed }],
    cause: error,
  })
}
