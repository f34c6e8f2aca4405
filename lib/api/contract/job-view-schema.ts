import { z } from 'zod'
import { jobChoicesShape } from '../../job/job-choices.ts'
import { JOB_STATUSES, TASK_TYPES } from '../../job/job.ts'
import { END_REASONS, type EndReason } from '../../job/reasons.ts'

/** A 19-digit id as an example. */
export const EXAMPLE_JOB_ID = '3711718195200000001'
const EXAMPLE_TIME = '2026-01-01T12:00:00.000Z'

const bytes = () => z.int().min(0)
const timestamp = (what: string) => z.string().meta({ description: what, example: EXAMPLE_TIME })
const texts = () => z.record(z.string(), z.string())

const endShape = {
  reason: z
    .enum(Object.keys(END_REASONS) as [EndReason])
    .optional()
    .describe('Why it ended: a stable word.'),
  message: z.string().optional().describe('Why it ended: a sentence.'),
  exitCode: z.int().optional().describe('Exit code of the command.'),
  signal: z.string().optional().describe('Signal that ended the command.'),
  statusCode: z.int().optional().describe('HTTP status of the model server.'),
}

export const linksSchema = z
  .object({ self: z.string(), logs: z.string(), result: z.string(), artifacts: z.string() })
  .meta({ id: 'JobLinks', description: 'Paths of this API.' })

const attemptSchema = z
  .object({
    ...endShape,
    attempt: z.int(),
    workerId: z.string(),
    startedAt: timestamp('When it was claimed.'),
    endedAt: timestamp('When it ended.'),
    resumedFrom: z
      .object({ attempt: z.int(), number: z.int() })
      .optional()
      .describe('The checkpoint that it went on from.'),
    lostLogBytes: bytes()
      .optional()
      .describe('Bytes of its log that were not stored before it ended.'),
  })
  .meta({ id: 'Attempt', description: 'An attempt that has ended.' })

/** A job as the API shows it. */
export const jobViewSchema = z
  .object({
    id: z.string().meta({ description: '19 digits, ordered by time.', example: EXAMPLE_JOB_ID }),
    service: z.string(),
    tenant: z.string(),
    taskType: z.enum(TASK_TYPES),
    status: z.enum(JOB_STATUSES),
    attempt: z.int().describe('Number of the present or last attempt; 0 before the first.'),
    acceptedAt: timestamp('When the job was accepted.'),
    queuedAt: timestamp('When it last began to wait.'),
    startedAt: timestamp('When the present or last attempt began.').optional(),
    endedAt: timestamp('When the job ended.').optional(),
    expiresAt: timestamp('When the job may be deleted.').optional(),
    waitSeconds: z.number().describe('From accepted to the first start, or until now.'),
    runSeconds: z.number().optional().describe('Run time of the present or last attempt.'),
    ...endShape,
    workerId: z.string().optional().describe('The worker that runs it.'),
    cancelRequestedAt: timestamp('When a cancel was asked for.').optional(),
    input: z.object({ bytes: bytes(), key: z.string().optional() }),
    request: z.object({ method: z.string(), path: z.string(), headers: texts() }).optional(),
    ...jobChoicesShape,
    env: texts().describe('Values under names that tell of secrets are hidden.'),
    retriesUsed: z.int(),
    lossesUsed: z.int(),
    progress: z
      .object({ fraction: z.number(), note: z.string(), at: z.string() })
      .optional()
      .describe('What the job itself last said of its progress.'),
    logs: z
      .object({
        stdoutBytes: bytes(),
        stderrBytes: bytes(),
        cutBytes: bytes(),
        lostBytes: bytes()
          .optional()
          .describe('Of `cutBytes`, those that were not stored before the attempt ended.'),
        chunks: z.int(),
      })
      .optional(),
    checkpoint: z
      .object({ attempt: z.int(), number: z.int(), bytes: bytes(), at: z.string() })
      .optional()
      .describe('The last checkpoint that counts.'),
    result: z.object({ bytes: bytes(), contentType: z.string() }).optional(),
    artifacts: z.object({ files: z.int(), bytes: bytes() }).optional(),
    attempts: z.array(attemptSchema).describe('Ended attempts, oldest first, the last 20.'),
    retryOf: z.string().optional().describe('The job that this one repeats.'),
    links: linksSchema,
  })
  .readonly()
  .meta({ id: 'Job', description: 'A job.' })

/** Readonly down to the last field. */
export type Deep<T> = T extends object ? { readonly [K in keyof T]: Deep<T[K]> } : T
export type JobView = Deep<z.infer<typeof jobViewSchema>>

/** What a job came to: the answer of `GET /jobs/{id}/result` where there is no body of a model. */
export const resultSummarySchema = z
  .object({
    jobId: z.string(),
    taskType: z.enum(TASK_TYPES),
    status: z.enum(JOB_STATUSES),
    attempt: z.int(),
    ...endShape,
    endedAt: z.string().optional(),
    artifacts: z.object({ files: z.int(), bytes: bytes() }).optional(),
    links: linksSchema,
  })
  .meta({ id: 'ResultSummary', description: 'How a job ended.' })
