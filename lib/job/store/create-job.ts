import type { Job } from '../job.ts'
import { idempotencyKey } from '../keys.ts'
import type { Table, Write } from '../../ports/table.ts'
import { putInput } from './job-input.ts'
import { putJob, readJob, type StoredJob } from './job-row.ts'

export interface NewJob {
  readonly job: Job
  /** Base64 of a payload that stands in the table; absent when it is a file. */
  readonly inlineInput?: string
  readonly idempotency?: { readonly key: string; readonly bodyHash: string }
}

export type Creation =
  | { readonly kind: 'created'; readonly stored: StoredJob }
  /** The same key and body came before: that job. */
  | { readonly kind: 'repeated'; readonly stored: StoredJob }
  | { readonly kind: 'conflict' }

/**
 * When the rows beside a job's own may vanish. They are written once, before anybody knows how long
 * the job will wait and run, so the time is longer than any job is kept.
 */
const BESIDE_DAYS = 400
const DAY_MS = 86_400_000

/**
 * Creates the row, its input and, with an `Idempotency-Key`, the key item in one transaction. Once
 * it has answered, the job is accepted, whatever follows.
 */
export async function createJob(table: Table, request: NewJob): Promise<Creation> {
  const { job, idempotency } = request
  const outcome = await table.write(toWrites(request))
  if (outcome.ok) return { kind: 'created', stored: { job, rev: outcome.revs[0] ?? 1 } }
  if (idempotency === undefined) throw new Error(`the job id ${job.id} was taken`)
  return (await findRepeated(table, job.tenant, idempotency)) ?? { kind: 'conflict' }
}

function toWrites({ job, inlineInput, idempotency }: NewJob): Write[] {
  const expiresAtMs = Date.parse(job.acceptedAt) + BESIDE_DAYS * DAY_MS
  const writes: Write[] = [putJob(job, 'absent')]
  if (inlineInput !== undefined) writes.push(putInput(job.id, inlineInput, expiresAtMs))
  if (idempotency !== undefined) {
    writes.push({
      kind: 'put',
      key: idempotencyKey(job.tenant, idempotency.key),
      data: { bodyHash: idempotency.bodyHash, jobId: job.id },
      expect: 'absent',
      expiresAtMs,
    })
  }
  return writes
}

/** What an `Idempotency-Key` stands for already; nothing while it is new. */
export async function findRepeated(
  table: Table,
  tenant: string,
  { key, bodyHash }: { key: string; bodyHash: string },
): Promise<Creation | undefined> {
  const row = await table.get(idempotencyKey(tenant, key))
  if (row === undefined) return undefined
  const { jobId } = row.data
  if (row.data['bodyHash'] !== bodyHash || typeof jobId !== 'string') return { kind: 'conflict' }
  const stored = await readJob(table, jobId)
  return stored === undefined ? { kind: 'conflict' } : { kind: 'repeated', stored }
}
