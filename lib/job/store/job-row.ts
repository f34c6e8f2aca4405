import { JOB_STATUSES, type Job, TASK_TYPES } from '../job.ts'
import { jobIndexes, jobKey } from '../keys.ts'
import type { Expectation, PutRow, Row, Table } from '../../ports/table.ts'
import {
  type AnyCheck,
  type Fields,
  isCount,
  isFields,
  isFlag,
  isListOf,
  isNumber,
  isObjectOf,
  isOneOf,
  isOptional,
  isText,
} from '../../parsing/checks.ts'
import { type Checks, fits, isUnknownRow, readFormat } from '../../parsing/stored-row.ts'
import { toRowData } from './row-data.ts'

/** A job with the revision of the row that it was read from. */
export interface StoredJob {
  readonly job: Job
  readonly rev: number
}

/** Of the rows that are written here; see lib/parsing/stored-row.ts. */
const FORMAT = 1

/** What a row of an older version does not have. */
const DEFAULTS = {
  env: {},
  tags: {},
  checkpointSeconds: 0,
  logToQueue: false,
  retriesUsed: 0,
  lossesUsed: 0,
  attempts: [],
  readySent: 0,
  notificationsSent: 0,
} satisfies Partial<Job>

const isLease = isObjectOf({
  workerId: isText,
  taskId: isText,
  beat: isCount,
  grantedAt: isText,
  leaseSeconds: isNumber,
})
const isEnd = isObjectOf({ reason: isText, message: isText })
const isInput = isObjectOf({ kind: isOneOf('row', 'file'), bytes: isCount })

const CHECKS: Checks<Job> & Readonly<Record<string, AnyCheck>> = {
  id: isText,
  service: isText,
  tenant: isText,
  taskType: isOneOf(...TASK_TYPES),
  status: isOneOf(...JOB_STATUSES),
  attempt: isCount,
  acceptedAt: isText,
  queuedAt: isText,
  input: isInput,
  env: isFields,
  tags: isFields,
  limits: isObjectOf({ runSeconds: isNumber, queueSeconds: isNumber, graceSeconds: isNumber }),
  retry: isObjectOf({ maxRetries: isNumber, maxLosses: isNumber, backoffSeconds: isNumber }),
  checkpointSeconds: isNumber,
  logToQueue: isFlag,
  retriesUsed: isCount,
  lossesUsed: isCount,
  attempts: isListOf(isFields),
  readySent: isCount,
  notificationsSent: isCount,
  lease: isOptional(isLease),
  end: isOptional(isEnd),
}

/** The job as it stands; nothing where there is none, or its row had its time to live. */
export async function readJob(table: Table, id: string): Promise<StoredJob | undefined> {
  const row = await table.get(jobKey(id))
  return row && toStoredJob(row)
}

/** @throws ServiceError `unknown-row` for a row of a newer version, or a damaged one */
export function toStoredJob({ key, data, rev }: Row): StoredJob {
  const what = `the row of job ${key.pk.slice(key.pk.indexOf('#') + 1)}`
  const { format: _format, ...fields } = data
  readFormat(what, data, FORMAT)
  const job: Fields = { ...DEFAULTS, ...renameSignals(fields) }
  fits<Job>(what, job, CHECKS)
  return { job, rev }
}

/**
 * `readyAt` and `readySent` were called `signalAt` and `signalsSent` in format 0. Workers of that
 * version may still write the old names into a row that has the new ones: they wrote last.
 */
function renameSignals({ signalAt, signalsSent, ...fields }: Fields): Fields {
  return {
    ...fields,
    ...(signalAt !== undefined && { readyAt: signalAt }),
    ...(signalsSent !== undefined && { readySent: signalsSent }),
  }
}

export interface JobRows {
  readonly jobs: readonly StoredJob[]
  /** Why each of the others cannot be read. */
  readonly unread: readonly string[]
}

/** Many rows: one that cannot be read hides none of the others. */
export function toStoredJobs(rows: readonly Row[]): JobRows {
  const jobs: StoredJob[] = []
  const unread: string[] = []
  for (const row of rows) {
    try {
      jobs.push(toStoredJob(row))
    } catch (error) {
      if (!isUnknownRow(error)) throw error
      unread.push(error.message)
    }
  }
  return { jobs, unread }
}

export function putJob(job: Job, expect: Expectation): PutRow {
  return {
    kind: 'put',
    key: jobKey(job.id),
    data: toRowData(FORMAT, job),
    expect,
    indexes: jobIndexes(job),
    ...(job.expiresAt !== undefined && { expiresAtMs: Date.parse(job.expiresAt) }),
  }
}
