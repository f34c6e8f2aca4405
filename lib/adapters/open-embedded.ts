import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../ports/clock.ts'
import type { Files } from '../ports/files.ts'
import type { Queues } from '../ports/queues.ts'
import type { Table } from '../ports/table.ts'
import { BlobFolder } from './folder/blob-folder.ts'
import { FileCollector } from './folder/file-collector.ts'
import type { FileLinks } from './folder/file-links.ts'
import { FolderFiles } from './folder/folder-files.ts'
import { openDatabase } from './sqlite/open-database.ts'
import { SqliteQueues } from './sqlite/sqlite-queues.ts'
import { SqliteTable } from './sqlite/sqlite-table.ts'

const MEMORY = ':memory:'
const DATABASE_FILE = 'state.sqlite'

export interface OpenEmbeddedOptions {
  /**
   * The folder of database and files, made when absent; several processes may open it at once.
   * `:memory:` for a test in one process: a database in memory, files in a folder removed on close.
   */
  readonly stateDir: string
  readonly clock: Clock
  /** Of download and upload links; without it asking for one is an error. */
  readonly links?: FileLinks
  /** Receives before a message becomes a dead letter. @default MAX_RECEIVES */
  readonly maxReceives?: number
}

export interface Embedded {
  readonly table: Table
  readonly queues: Queues
  readonly files: Files
  /** Deletes a few files that nothing leads to any more, and answers how many: see `FileCollector`. */
  readonly collectOldFiles: () => Promise<number>
  /** Waits that are under way end empty; later calls throw `PortUnavailable`. */
  readonly close: () => Promise<void>
}

/**
 * Table, queues and files on one machine: a SQLite database and a folder.
 *
 * @throws ServiceError `newer-state` when a newer version of Scalable Job has written the folder,
 *   `unusable-state` when its database is damaged or cannot be opened
 */
export function openEmbedded(options: OpenEmbeddedOptions): Embedded {
  const { stateDir, clock, links, maxReceives } = options
  const inMemory = stateDir === MEMORY
  const root = inMemory ? mkdtempSync(join(tmpdir(), 'scalable-job-')) : stateDir
  mkdirSync(root, { recursive: true })
  const path = inMemory ? MEMORY : join(root, DATABASE_FILE)
  const database = openDatabase(path, { clock, random: Math.random })
  const blobs = new BlobFolder(root, randomUUID, () => clock.now())
  const files = new FolderFiles({ database, blobs, clock, ...(links && { links }) })
  const collector = new FileCollector({ database, files, clock })
  return {
    table: new SqliteTable({ database, clock, newToken: randomUUID }),
    queues: new SqliteQueues({
      database,
      clock,
      newReceipt: randomUUID,
      ...(maxReceives !== undefined && { maxReceives }),
    }),
    files,
    collectOldFiles: () => collector.collect(),
    close: async () => {
      await database.close()
      if (inMemory) await rm(root, { recursive: true, force: true })
    },
  }
}
