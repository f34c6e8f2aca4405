import { z } from 'zod'
import { logPageSchema } from '../contract/answers.ts'
import { EXAMPLE_JOB_ID } from '../contract/job-view-schema.ts'
import {
  formatLogCursor,
  LOG_START,
  logCursorSchema,
  type LogQuery,
  logQuerySchema,
  parseLogCursor,
} from '../contract/log-query.ts'
import type { Job } from '../../job/job.ts'
import { parseWithSchema } from '../../parsing/parse-with-schema.ts'
import { readJob } from '../../job/store/job-row.ts'
import { findJob, jobParams } from '../find-job.ts'
import { type LogBatch, type LogRequest, readLog } from '../logs/read-log.ts'
import { streamLog, toByteStream } from '../logs/stream-log.ts'
import { pollUntil } from '../poll-until.ts'
import { ROUTE_PLACES } from '../contract/route-places.ts'
import { type Call, defineRoute } from '../route.ts'

const LAST_EVENT_ID = 'Last-Event-ID'

export const logs = defineRoute({
  ...ROUTE_PLACES.logs,
  group: 'jobs',
  summary: 'The log of a job',
  description:
    'Lines of all attempts in their order. Follow it with `waitSeconds` and the `cursor` of the last answer until `done`, or ask for `text/event-stream` where the service can stream: events `line` and `done`, resumed with `Last-Event-ID`.',
  params: jobParams,
  headers: z.object({
    [LAST_EVENT_ID]: logCursorSchema
      .optional()
      .meta({ description: 'Resumes a stream behind this event.', example: '2:0000000014' }),
  }),
  query: logQuerySchema,
  answers: {
    200: {
      description: 'Lines, perhaps none yet.',
      headers: {
        'X-Scalable-Job-Log-Cursor': 'With text/plain: `cursor` of the next call.',
        'X-Scalable-Job-Log-Done': 'With text/plain: whether everything is read.',
      },
      content: {
        'application/json': {
          schema: logPageSchema,
          example: {
            jobId: EXAMPLE_JOB_ID,
            status: 'running',
            lines: [
              {
                attempt: 1,
                stream: 'stdout',
                at: '2026-01-01T12:00:01.000Z',
                text: 'epoch 1 of 10',
                cursor: '1:0000000000:1',
              },
            ],
            cursor: '1:0000000001',
            done: false,
          },
        },
        'text/plain': { schema: z.string(), example: 'epoch 1 of 10\n' },
        'text/event-stream': {
          schema: z.string(),
          example: 'event: line\nid: 1:0000000000:1\ndata: {"text":"epoch 1 of 10"}\n\n',
        },
      },
    },
  },
  errors: ['invalid-request', 'not-found'],
  handle: async (call, query) => {
    const { job } = await findJob(call)
    const request = { ...query, cursor: readCursor(call, query) }
    const accept = call.c.req.header('Accept') ?? ''
    const wantsStream = query.format === undefined && accept.includes('text/event-stream')
    if (wantsStream && call.api.canStream) return answerStream(call, job, request)
    const page = await readPage(call, job, request)
    const isText = query.format === 'text' || (!query.format && accept.startsWith('text/plain'))
    return isText ? answerText(call, page.batch) : answerJson(call, page)
  },
})

function readCursor({ c }: Call, { cursor }: LogQuery) {
  const resumed = c.req.header(LAST_EVENT_ID)
  const rule = {
    code: 'invalid-request',
    what: LAST_EVENT_ID,
    root: 'header.last-event-id',
  } as const
  const text = resumed !== undefined ? parseWithSchema(logCursorSchema, resumed, rule) : cursor
  return (text === undefined ? undefined : parseLogCursor(text)) ?? LOG_START
}

/** The job is read first and its files after it: what `done` means rests on that order. */
async function readPage(
  { api, c }: Call,
  found: Job,
  request: LogRequest & Pick<LogQuery, 'waitSeconds'>,
): Promise<{ job: Job; batch: LogBatch }> {
  let job = found
  let { cursor } = request
  const poll = { clock: api.clock, waitSeconds: request.waitSeconds, signal: c.req.raw.signal }
  const ask = async () => {
    const batch = await readLog(api.files, job, { ...request, cursor })
    // What a filter leaves out is not read again in the next round.
    cursor = batch.cursor
    const page = { job, batch }
    if (batch.lines.length === 0 && !batch.done) {
      job = (await readJob(api.table, job.id))?.job ?? job
    }
    return page
  }
  return pollUntil(poll, ask, ({ batch }) => batch.lines.length > 0 || batch.done)
}

function answerJson({ c }: Call, { job, batch }: { job: Job; batch: LogBatch }): Response {
  const { lines, cursor, done } = batch
  return c.json({ jobId: job.id, status: job.status, lines, cursor: formatLogCursor(cursor), done })
}

function answerText({ c }: Call, { lines, cursor, done }: LogBatch): Response {
  c.header('X-Scalable-Job-Log-Cursor', formatLogCursor(cursor))
  c.header('X-Scalable-Job-Log-Done', String(done))
  return c.text(lines.map(({ text }) => `${text}\n`).join(''))
}

function answerStream(call: Call, job: Job, request: LogRequest): Response {
  call.c.header('Content-Type', 'text/event-stream; charset=utf-8')
  // Proxies that collect answers would hold the lines back.
  call.c.header('X-Accel-Buffering', 'no')
  const onError = (error: unknown) => {
    call.log.warn('a log stream broke off', { jobId: job.id, error: String(error) })
  }
  return call.c.body(toByteStream(streamLog(call, job.id, request), onError))
}
