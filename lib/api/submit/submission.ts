import type { QueryRequest, TaskType } from '../../job/job.ts'
import type { GivenChoices } from '../../job/job-choices.ts'

/** What is to become a job, checked, from whichever route it came. */
export interface Submission {
  readonly taskType: TaskType
  readonly tenant: string
  readonly payload: Payload
  readonly request?: QueryRequest
  /** What is absent is the service's. */
  readonly choices: GivenChoices
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
