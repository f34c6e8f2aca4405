import type { NewJob } from '../../lib/client/answers.ts'

/** What must be true of a job's end, besides what the service says of it. */
export interface Expected {
  /** Ends that can be true: `succeeded completed`, `failed exit-code`. */
  readonly ends: readonly string[]
  readonly exitCode?: number
  /** The model's answer. */
  readonly answer?: { readonly n: number; readonly bytes: number }
  /** SHA-256 of each artifact of a success. */
  readonly artifacts?: Readonly<Record<string, string>>
  /** What a success has written to its standard output, in numbered lines of one length. */
  readonly log?: { readonly lines: number; readonly lineBytes: number }
}

/** One job as the campaign will submit it. */
export interface JobPlan {
  readonly n: number
  readonly kind: string
  readonly body: NewJob
  /** `vanish` goes away before the answer, `repeat` asks several times with one key. */
  readonly client: 'plain' | 'vanish' | 'repeat'
  readonly cancelAfterMs?: number
  readonly expected: Expected
}
