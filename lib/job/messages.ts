/** Bodies of queue messages. */
import { z } from 'zod'
import { END_REASONS } from './reasons.ts'

/** Input queues: "attempt n of this job may be ready". */
export const readyMessageSchema = z.object({
  jobId: z.string(),
  attempt: z.int().min(1),
})
export type ReadyMessage = z.infer<typeof readyMessageSchema>

const common = {
  /** `job:attempt:kind`, for log lines `job:attempt:log:chunk`: the consumer's key against repeats. */
  id: z.string(),
  jobId: z.string(),
  attempt: z.int(),
  taskType: z.enum(['command', 'query']),
  tenant: z.string(),
  tags: z.record(z.string(), z.string()),
  at: z.string(),
}

/** Output queue: the end of a job. Delivered at least once. */
const endMessageSchema = z.object({
  ...common,
  kind: z.literal('end'),
  status: z.enum(['succeeded', 'failed', 'canceled']),
  reason: z.enum(Object.keys(END_REASONS) as [keyof typeof END_REASONS]),
  message: z.string(),
  exitCode: z.int().optional(),
  signal: z.string().optional(),
  statusCode: z.int().optional(),
  /** The answer itself, in base64, while the whole message stays below 200 KB. */
  resultBase64: z.string().optional(),
  /** The answer's file, where it is larger. */
  resultKey: z.string().optional(),
  contentType: z.string().optional(),
})
export type EndMessage = z.infer<typeof endMessageSchema>

/** Output queue: live log lines. */
const logMessageSchema = z.object({
  ...common,
  kind: z.literal('log'),
  chunk: z.int(),
  lines: z.array(
    z.object({ stream: z.enum(['stdout', 'stderr', 'system']), at: z.string(), text: z.string() }),
  ),
})
export type LogMessage = z.infer<typeof logMessageSchema>

/** Above this the output message carries a pointer instead of the answer. */
export const MAX_OUTPUT_MESSAGE_BYTES = 200_000
