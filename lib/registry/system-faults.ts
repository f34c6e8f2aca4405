/** Faults of the operating system and of SQLite in words: the one table of them. */
import { getSystemErrorMessage } from 'node:util'

interface FaultWords {
  readonly why: string
  /** What helps where a state folder cannot be used for it. */
  readonly allowed?: string
}

const NO_SPACE: FaultWords = {
  why: 'no space left on the device',
  allowed: 'a disk with free space',
}
const DISK_FAULT: FaultWords = { why: 'the disk reports a fault' }
const NOT_WRITABLE: FaultWords = { why: 'the files may not be written by this user' }
const TOO_MANY_FILES: FaultWords = { why: 'too many files are open' }

/** By `errno` name. */
const SYSTEM: Readonly<Record<string, FaultWords>> = {
  ENOSPC: NO_SPACE,
  EDQUOT: { why: 'the disk quota is used up' },
  EROFS: { why: 'the file system is read-only' },
  EACCES: NOT_WRITABLE,
  EPERM: NOT_WRITABLE,
  EIO: DISK_FAULT,
  EMFILE: TOO_MANY_FILES,
  ENFILE: TOO_MANY_FILES,
}

const LOCKED: FaultWords = { why: 'the database is locked by another process' }
const DAMAGED: FaultWords = {
  why: 'the file is not a database, or is damaged',
  allowed: 'an earlier copy of it; or move the folder away and start with an empty one',
}

/** By the low byte of SQLite's code: https://sqlite.org/rescode.html */
const SQLITE: Readonly<Record<number, FaultWords>> = {
  5: LOCKED,
  6: LOCKED,
  8: {
    why: 'the database may not be written',
    allowed: 'a file and a folder that this user may write',
  },
  10: DISK_FAULT,
  11: DAMAGED,
  13: NO_SPACE,
  14: {
    why: 'the database file cannot be opened',
    allowed: 'a plain file that this user may read and write',
  },
  26: DAMAGED,
}

/** Causes stand inside one another; a chain longer than this is a loop. */
const MAX_CAUSES = 8

/** The primary code of an error of SQLite; 0 for every other error. */
export function sqliteCode(error: unknown): number {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0
}

/** The words for one error, its causes left aside; undefined for an error that is not in the table. */
export function faultWords(error: unknown): FaultWords | undefined {
  const sqlite = SQLITE[sqliteCode(error)]
  if (sqlite !== undefined || !(error instanceof Error) || !('code' in error)) return sqlite
  return SYSTEM[String(error.code)]
}

/** The fault of disk or database behind an error; undefined when it is another. */
export function whyUnusable(error: unknown): string | undefined {
  return chainOf(error)
    .map((each) => faultWords(each)?.why)
    .find((why) => why !== undefined)
}

/**
 * An error for the owner of a job, with the operating system's own name of the fault where there is
 * one (`ENOSPC`, no space left on device). Details are in the worker's log.
 */
export function describeFault(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error)
  const faults = chainOf(error) as NodeJS.ErrnoException[]
  const fault = faults.find(({ syscall, code }) => syscall !== undefined && code !== undefined)
  if (fault?.code === undefined || said.includes(fault.code)) return said
  const what = fault.errno === undefined ? '' : ` (${getSystemErrorMessage(fault.errno)})`
  return `${said}: ${fault.code}${what}`
}

/** An error and its causes: an adapter keeps the operating system's error as a cause of its own. */
function chainOf(error: unknown): Error[] {
  const chain: Error[] = []
  for (let each = error; each instanceof Error && chain.length < MAX_CAUSES; each = each.cause) {
    chain.push(each)
  }
  return chain
}
