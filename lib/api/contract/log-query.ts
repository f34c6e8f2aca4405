import { z } from 'zod'
import { textLike, waitSecondsParameter, wholeNumber } from '../../parsing/value-kinds.ts'

/** The next line to read: of this attempt, in this chunk, after this many lines of it. */
export interface LogCursor {
  readonly attempt: number
  readonly chunk: number
  readonly line: number
}

export const LOG_START: LogCursor = { attempt: 1, chunk: 0, line: 0 }

const LOG_CURSOR_PATTERN = /^([1-9]\d{0,5}):(\d{1,10})(?::(\d{1,9}))?$/

/** `2:0000000014`, or `2:0000000014:37` within a chunk. */
export function formatLogCursor({ attempt, chunk, line }: LogCursor): string {
  const start = `${attempt}:${String(chunk).padStart(10, '0')}`
  return line === 0 ? start : `${start}:${line}`
}

export function parseLogCursor(text: string): LogCursor | undefined {
  const parts = LOG_CURSOR_PATTERN.exec(text)
  if (parts === null) return undefined
  const [attempt = 1, chunk = 0, line = 0] = parts.slice(1).map((part) => Number(part ?? 0))
  return { attempt, chunk, line }
}

/** Attempt, chunk and perhaps line, as an earlier answer gave it. */
export const logCursorSchema = textLike(LOG_CURSOR_PATTERN, {
  problem: 'is not a cursor',
  allowed: 'a cursor of an earlier answer',
})

/** Query string of `GET /jobs/{id}/logs`. */
export const logQuerySchema = z.strictObject({
  cursor: logCursorSchema.optional().meta({
    description: 'Where to read on: `cursor` of an earlier answer. Absent: from the start.',
    example: '2:0000000014',
  }),
  waitSeconds: waitSecondsParameter('for lines that are not there yet'),
  limit: wholeNumber({ min: 1, max: 5000 })
    .default(1000)
    .meta({ description: 'Most lines of an answer.', example: 1000 }),
  stream: z.enum(['stdout', 'stderr', 'system']).optional().describe('Only lines of this stream.'),
  format: z
    .enum(['json', 'text'])
    .optional()
    .describe('`text` gives bare lines; so does `Accept: text/plain`.'),
})
export type LogQuery = z.output<typeof logQuerySchema>
