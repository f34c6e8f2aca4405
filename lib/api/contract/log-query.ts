import { z } from 'zod'
import { textLike } from '../../parsing/schema-rules.ts'
import { LOG_CURSOR_PATTERN } from './log-cursor.ts'
import { waitSecondsParameter, wholeNumber } from '../../parsing/whole-number.ts'

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
