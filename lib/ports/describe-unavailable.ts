import type { PortUnavailable } from './port-unavailable.ts'

/** What the operating system says (errno), in words. */
const ERRNO: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'the files may not be written by this user',
  EPERM: 'the files may not be written by this user',
  EIO: 'the disk reports a fault',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
}

/** What SQLite says: the low byte of its code (https://sqlite.org/rescode.html), in words. */
const SQLITE: Readonly<Record<number, string>> = {
  5: 'the database is locked by another process',
  6: 'the database is locked by another process',
  8: 'the database may not be written',
  10: 'the disk reports a fault',
  13: 'no space left on the device',
  14: 'the database file cannot be opened',
}
/** Causes stand inside one another; a chain longer than this is a loop. */
const MAX_CAUSES = 8

/** For a caller: which part is away and, where the fault below names it, why. */
export function describeUnavailable({ port, cause }: PortUnavailable): string {
  const why = whyUnavailable(cause)
  return why === undefined
    ? `the ${port} did not answer in time`
    : `the ${port} cannot be used: ${why}`
}

/** The fault of disk or database behind an error; undefined when it is another. */
export function whyUnavailable(error: unknown): string | undefined {
  let current = error
  for (let depth = 0; depth < MAX_CAUSES && current instanceof Error; depth += 1) {
    const why = whyOf(current)
    if (why !== undefined) return why
    current = current.cause
  }
  return undefined
}

function whyOf(error: Error): string | undefined {
  if ('errcode' in error) return SQLITE[Number(error.errcode) & 0xff]
  return 'code' in error ? ERRNO[String(error.code)] : undefined
}
