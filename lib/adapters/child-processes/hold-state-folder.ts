import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ServiceError } from '../../registry/errors.ts'

/** A service that was killed a moment ago may still be on its way out. */
const WAIT_MS = 1_000
const SQLITE_BUSY = 5

/** Without a reference, garbage collection would close a connection and release its lock. */
const held = new Set<DatabaseSync>()

/**
 * Makes this process the only one that runs a fleet on a state folder, until the function returned
 * is called or the process ends, however it ends: the lock is the operating system's lock on an
 * open file (taken through SQLite), so it cannot be left over, and two processes cannot both decide
 * that an old one is stale. `holder.json` beside it tells people who holds it.
 *
 * @throws ServiceError `already-running`, naming the process that holds the folder
 */
export function holdStateFolder(folder: string, nowMs: number): () => void {
  const lock = new DatabaseSync(join(folder, 'lock.db'), { timeout: WAIT_MS })
  const holderFile = join(folder, 'holder.json')
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error
    throw new ServiceError('already-running', describeHolder(folder, holderFile), { cause: error })
  }
  held.add(lock)
  writeHolder(holderFile, nowMs)
  return () => {
    if (held.delete(lock)) lock.close()
  }
}

/** For people only: a full disk does not prevent a start. */
function writeHolder(holderFile: string, nowMs: number): void {
  const since = new Date(nowMs).toISOString()
  try {
    writeFileSync(holderFile, `${JSON.stringify({ pid: process.pid, since })}\n`)
  } catch {
    // The lock itself holds.
  }
}

function describeHolder(folder: string, holderFile: string): string {
  try {
    const { pid, since } = JSON.parse(readFileSync(holderFile, 'utf8')) as Record<string, unknown>
    return `process ${String(pid)} has run the workers of ${folder} since ${String(since)}`
  } catch {
    return `another process runs the workers of ${folder}`
  }
}
