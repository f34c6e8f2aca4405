/** Answers of the API that are no job: each with its schema, from which GET /openapi.json is made. */
import { z } from 'zod'
import { JOB_STATUSES, TASK_TYPES } from '../../job/job.ts'
import { ERRORS, type ErrorCode } from '../../registry/errors.ts'
import { jobViewSchema, linksSchema } from './job-view-schema.ts'

const EXAMPLE_TIME = '2026-01-01T13:00:00.000Z'

export const errorBodySchema = z
  .object({
    error: z.object({
      code: z.enum(Object.keys(ERRORS) as [ErrorCode]).describe('Stable word for programs.'),
      message: z.string().describe('What was wrong, for people.'),
      fix: z.string().describe('What most likely helps.'),
      details: z.array(
        z.object({
          path: z.string().describe('Where: `body.command`, `query.taskType`.'),
          problem: z.string(),
          got: z.string().optional().describe('The value given, shortened.'),
          allowed: z.string().optional().describe('What would be accepted.'),
        }),
      ),
      requestId: z.string().describe('Finds the request in the log.'),
    }),
  })
  .meta({ id: 'Error', description: 'The one shape of every error.' })

export const putAnswerSchema = z
  .object({
    jobId: z.string(),
    index: z.string().describe('PAI-EAS: the same number as the job id.'),
    requestId: z.string().describe('PAI-EAS: the same number as the job id.'),
    taskType: z.enum(TASK_TYPES),
    links: linksSchema,
    ignored: z
      .array(z.object({ name: z.string(), why: z.string() }))
      .describe('Parameters that were understood but mean nothing here.'),
  })
  .meta({ id: 'PutAnswer', description: 'What became of a put.' })
export type PutAnswer = z.infer<typeof putAnswerSchema>

export const jobPageSchema = z
  .object({
    jobs: z.array(jobViewSchema).describe('Newest first.'),
    next: z
      .string()
      .optional()
      .describe('`cursor` of the next page; absent at the end. A page may be short, even empty.'),
  })
  .meta({ id: 'JobPage', description: 'A page of jobs.' })

export const cancelAnswerSchema = z
  .object({
    outcome: z
      .enum(['canceled', 'cancel-requested', 'already-ended'])
      .describe('What is true now: only `canceled` means that nothing of it runs or will run.'),
    job: jobViewSchema,
  })
  .meta({ id: 'CancelAnswer', description: 'What a cancel came to.' })

const logLineSchema = z
  .object({
    attempt: z.int(),
    stream: z.enum(['stdout', 'stderr', 'system']),
    at: z.string(),
    text: z.string(),
    cutBytes: z.number().optional().describe('A gap: bytes that were cut here.'),
    cursor: z.string().describe('Reads on behind this line.'),
  })
  .meta({ id: 'LogLine', description: 'One line; `system` lines are those of Scalable Job.' })
export type LogLineView = z.infer<typeof logLineSchema>

export const logPageSchema = z
  .object({
    jobId: z.string(),
    status: z.enum(JOB_STATUSES),
    lines: z.array(logLineSchema),
    cursor: z.string().describe('`cursor` of the next call.'),
    done: z.boolean().describe('Whether the job has ended and everything is read.'),
  })
  .meta({ id: 'LogPage', description: 'Log lines in their order, of all attempts.' })

export const artifactsAnswerSchema = z
  .object({
    jobId: z.string(),
    status: z.enum(JOB_STATUSES),
    files: z.array(
      z.object({
        path: z.string(),
        bytes: z.int(),
        sha256: z.string().optional(),
        url: z.string().describe('Downloads the file without a token until `expiresAt`.'),
      }),
    ),
    truncated: z.boolean().describe('More files than links; `manifestUrl` lists all of them.'),
    manifestUrl: z.string().optional(),
    expiresAt: z.string().describe('Until when the links work.'),
  })
  .meta({ id: 'Artifacts', description: 'The files that the accepted attempt has kept.' })

export const uploadAnswerSchema = z
  .object({
    inputKey: z.string().describe('Goes into `inputKey` of POST /jobs.'),
    uploadUrl: z.string().describe('Takes one PUT of the file, without a token.'),
    expiresAt: z.string().meta({ example: EXAMPLE_TIME }),
    maxBytes: z.int(),
  })
  .meta({ id: 'Upload', description: 'A place for an input.' })

export const outputAnswerSchema = z
  .object({
    messages: z.array(
      z.object({
        receipt: z.string().describe('Goes into `receipts` of POST /output/ack.'),
        receiveCount: z.int(),
        sentAt: z.string(),
        body: z.unknown().describe('The message: `kind` is `end` or `log`.'),
      }),
    ),
  })
  .meta({ id: 'OutputMessages', description: 'Messages of the output queue; at least once each.' })

export const ackBodySchema = z
  .strictObject({ receipts: z.array(z.string().min(1).max(4096)).min(1).max(100) })
  .meta({ id: 'Ack', description: 'Messages that need not come again.' })

export const ackAnswerSchema = z
  .object({ acknowledged: z.int() })
  .meta({ id: 'AckAnswer', description: 'How many receipts were taken.' })

export const healthSchema = z
  .object({ status: z.literal('ok'), service: z.string(), version: z.string() })
  .meta({ id: 'Health', description: 'The API answers.' })
