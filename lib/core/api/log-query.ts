import { z } from 'zod'
import { parseLogCursor } from './log-cursor.ts'
import { waitSecondsParameter, wholeNumber } from './whole-number.ts'

export const logCursorSchema = z.string().refine((text) => parseLogCursor(text) !== undefined, {
  error: 'is not a cursor',
  params: { allowed: 'attempt and chunk, such as 2:0000000014, as an earlier answer gave it' },
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
