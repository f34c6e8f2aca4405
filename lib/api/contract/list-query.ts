import { textLike, wholeNumber } from '../../parsing/value-kinds.ts'
import { z } from 'zod'
import { JOB_STATUSES, TASK_TYPES } from '../../job/job.ts'
import { MAX_TAGS } from '../../job/job-choices.ts'
import { tenantSchema } from './tenant.ts'

const JOB_CURSOR_PATTERN = /^j1-([1-9]\d{18})$/

/**
 * Where a page of jobs ended: the id of the last row looked at. Opaque to callers, so that it may
 * change; a page that follows begins below this id whatever was added or ended meanwhile.
 */
export function encodeJobCursor(lastId: string): string {
  return `j1-${lastId}`
}

export function decodeJobCursor(cursor: string): string | undefined {
  return JOB_CURSOR_PATTERN.exec(cursor)?.[1]
}

/** `name:value`, as `GET /jobs?tag=` takes it. */
export const tagFilterSchema = textLike(
  // eslint-disable-next-line no-control-regex -- control characters are what it refuses
  /^[A-Za-z0-9.@/-][A-Za-z0-9_.@/-]{0,127}:[^\u0000-\u001f\u007f-\u009f]*$/,
  { problem: 'is not name:value', allowed: 'a tag name, a colon and the value' },
)

export function splitTagFilter(filter: string): readonly [name: string, value: string] {
  const colon = filter.indexOf(':')
  return [filter.slice(0, colon), filter.slice(colon + 1)]
}

const MAX_JOBS_PER_PAGE = 200

/** Query string of `GET /jobs`. */
export const listQuerySchema = z.strictObject({
  status: z.enum(JOB_STATUSES).optional().describe('Only jobs that stand so.'),
  taskType: z.enum(TASK_TYPES).optional().describe('Only jobs of this type.'),
  tag: z
    .array(tagFilterSchema)
    .max(MAX_TAGS)
    .default([])
    .meta({
      description: 'Only jobs with this tag, as `name:value`; may stand more than once.',
      example: ['experiment:lr-3e4'],
    }),
  tenant: tenantSchema.optional().meta({ description: 'Admin: only jobs of this tenant.' }),
  limit: wholeNumber({ min: 1, max: MAX_JOBS_PER_PAGE })
    .default(50)
    .meta({ description: 'Most jobs of a page.', example: 50 }),
  cursor: textLike(JOB_CURSOR_PATTERN, {
    problem: 'is not a cursor',
    allowed: '`next` of the page before',
  })
    .optional()
    .describe('`next` of the page before.'),
})
export type ListQuery = z.output<typeof listQuerySchema>
