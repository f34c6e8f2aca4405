/** Names of rows, indexes and files, in one place. */
import { ServiceError, showValue } from '../registry/errors.ts'
import { isEnded, type Job } from './job.ts'

export interface RowKey {
  readonly pk: string
  readonly sk: string
}

export const INDEXES = ['byTenant', 'byTenantStatus', 'byStatus', 'byDue'] as const
export type IndexName = (typeof INDEXES)[number]

/** Puts the row into an index; a row is at most once in each index, and in none it does not name. */
export interface IndexEntry {
  readonly index: IndexName
  readonly hash: string
  readonly range: string
}

export function jobKey(id: string): RowKey {
  return { pk: `job#${id}`, sk: 'state' }
}

/** The input of a job whose payload is small enough for a row of its own. */
export function jobInputKey(id: string): RowKey {
  return { pk: `job#${id}`, sk: 'input' }
}

export function idempotencyKey(tenant: string, key: string): RowKey {
  return { pk: `idempotency#${tenant}`, sk: key }
}

export const WORKERS_PK = 'workers'

export function workerKey(workerId: string): RowKey {
  return { pk: WORKERS_PK, sk: workerId }
}

const SCALER_PK = 'scaler'

export function scalerKey(part: 'memory' | 'kick' | 'decisions'): RowKey {
  return { pk: SCALER_PK, sk: part }
}

/**
 * What is due, oldest first: queued rows by `readyAt`, ended rows by `notifyAt`; once told, ended
 * rows by `endedAt`.
 */
export type DueKind = 'ready' | 'notify' | 'ended'

export function dueHash(kind: DueKind): string {
  // The ready message was once called a signal, and rows of that time stand in the index under it.
  return `due#${kind === 'ready' ? 'signal' : kind}`
}

/** All jobs of a status, whoever they are for: what the scaler and the reaper read. */
export function statusHash(status: Job['status']): string {
  return `status#${status}`
}

export function tenantHash(tenant: string): string {
  return `tenant#${tenant}`
}

export function tenantStatusHash(tenant: string, status: Job['status']): string {
  return `tenant#${tenant}#${status}`
}

/** The indexes in which a job's row stands. Ranges sort by time. */
export function jobIndexes(job: Job): IndexEntry[] {
  const entries: IndexEntry[] = [
    { index: 'byTenant', hash: tenantHash(job.tenant), range: job.id },
    { index: 'byTenantStatus', hash: tenantStatusHash(job.tenant, job.status), range: job.id },
    { index: 'byStatus', hash: statusHash(job.status), range: job.id },
  ]
  if (job.status === 'queued' && job.readyAt !== undefined) {
    entries.push({ index: 'byDue', hash: dueHash('ready'), range: `${job.readyAt}#${job.id}` })
  }
  if (isEnded(job.status)) {
    const hash = dueHash(job.notifyAt === undefined ? 'ended' : 'notify')
    const at = job.notifyAt ?? job.endedAt ?? job.queuedAt
    entries.push({ index: 'byDue', hash, range: `${at}#${job.id}` })
  }
  return entries
}

/** Folder of one job; everything of it but an uploaded input lies below. Ends with a slash. */
export function jobPrefix(jobId: string): string {
  return `jobs/${jobId}/`
}

/** Folder of one attempt; everything of it lies below. Ends with a slash. */
export function attemptPrefix(jobId: string, attempt: number): string {
  return `${jobPrefix(jobId)}${attempt}/`
}

export function inputFileKey(jobId: string): string {
  return `${jobPrefix(jobId)}input`
}

export function uploadKey(tenant: string, uploadId: string): string {
  return `uploads/${tenant}/${uploadId}`
}

export function artifactKey(prefix: string, path: string): string {
  return `${prefix}artifacts/${checkPath(path)}`
}

export function manifestKey(prefix: string): string {
  return `${prefix}artifacts.json`
}

export function checkpointPrefix(prefix: string, number: number): string {
  return `${prefix}checkpoints/${number}/`
}

/** Chunk numbers sort as text. Both streams share one numbering, so that their order is kept. */
export function logChunkKey(prefix: string, chunk: number): string {
  return `${prefix}logs/${String(chunk).padStart(10, '0')}.jsonl`
}

export function resultKey(prefix: string): string {
  return `${prefix}result`
}

// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const FORBIDDEN_CHARS = /[\\\u0000-\u001f\u007f]/
const MAX_PATH_BYTES = 900 // leaves room for the prefix
const MAX_FILE_KEY_BYTES = 1_024 // S3

/**
 * A relative path inside a job's folder, or an error: no `..`, no empty or dot part, no leading
 * slash, no backslash, no control character.
 *
 * @throws ServiceError `invalid-path`
 */
export function checkPath(path: string): string {
  return checkParts(path, MAX_PATH_BYTES)
}

/**
 * The whole key of a file, under the rules of `checkPath`.
 *
 * @throws ServiceError `invalid-path`
 */
export function checkFileKey(key: string): string {
  return checkParts(key, MAX_FILE_KEY_BYTES)
}

function checkParts(path: string, maxBytes: number): string {
  const bad = path.split('/').some((part) => part === '' || part === '.' || part === '..')
  const fits = path.isWellFormed() && Buffer.byteLength(path) <= maxBytes
  if (!bad && fits && !FORBIDDEN_CHARS.test(path)) return path
  throw new ServiceError('invalid-path', `the path ${showValue(path)} is not allowed`, {
    details: [
      {
        path: 'path',
        problem: 'climbs out of its folder or has a part or character that is not allowed',
        got: showValue(path),
        allowed: `relative parts joined by "/", at most ${maxBytes} bytes`,
      },
    ],
  })
}
