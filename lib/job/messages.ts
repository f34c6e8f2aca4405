/** Bodies of queue messages. */
import { isObjectOf, isText, isWhole, parseJsonOf } from '../parsing/checks.ts'
import type { EndReason } from './reasons.ts'
import type { TaskType } from './job.ts'
import type { LogLine } from './log-chunk.ts'

/** Input queues: "attempt n of this job may be ready". */
export interface ReadyMessage {
  readonly jobId: string
  readonly attempt: number
}

const isReadyMessage = isObjectOf<ReadyMessage>({
  jobId: isText,
  attempt: (value): value is number => isWhole(value) && value >= 1,
})

/** The ready message in the body of a queue message; nothing where it is something else. */
export function parseReady(body: string): ReadyMessage | undefined {
  return parseJsonOf(body, isReadyMessage)
}

interface OutputMessage {
  /** `job:attempt:kind`, for log lines `job:attempt:log:chunk`: the consumer's key against repeats. */
  readonly id: string
  readonly jobId: string
  readonly attempt: number
  readonly taskType: TaskType
  readonly tenant: string
  readonly tags: Readonly<Record<string, string>>
  readonly at: string
}

/** Output queue: the end of a job. Delivered at least once. */
export interface EndMessage extends OutputMessage {
  readonly kind: 'end'
  readonly status: 'succeeded' | 'failed' | 'canceled'
  readonly reason: EndReason
  readonly message: string
  readonly exitCode?: number
  readonly signal?: string
  readonly statusCode?: number
  /** The answer itself, in base64, while the whole message stays below 200 KB. */
  readonly resultBase64?: string
  /** The answer's file, where it is larger. */
  readonly resultKey?: string
  readonly contentType?: string
}

/** Output queue: live log lines. */
export interface LogMessage extends OutputMessage {
  readonly kind: 'log'
  readonly chunk: number
  readonly lines: readonly Pick<LogLine, 'stream' | 'at' | 'text'>[]
}

/** Above this the output message carries a pointer instead of the answer. */
export const MAX_OUTPUT_MESSAGE_BYTES = 200_000
