import type { JobLimits, QueryRequest, RetryPolicy, TaskType } from '../../job/job.ts'

/** What is to become a job, checked, from whichever route it came. */
export interface Submission {
  readonly taskType: TaskType
  readonly tenant: string
  readonly payload: Payload
  readonly request?: QueryRequest
  readonly env: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
  /** Absent fields are those of the service. */
  readonly limits: Partial<JobLimits>
  readonly retry: Partial<RetryPolicy>
  readonly checkpointSeconds?: number
  readonly logToQueue?: boolean
  readonly retryOf?: string
  readonly idempotency?: Idempotency
}

export type Payload =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** A file that is there already. */
  | { readonly kind: 'file'; readonly key: string; readonly bytes: number }

export interface Idempotency {
  readonly key: string
  /** SHA-256 in hexadecimal of everything that makes the request what it is. */
  readonly bodyHash: string
}
