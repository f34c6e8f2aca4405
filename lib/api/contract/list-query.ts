import { z } from 'zod'
import { textLike } from '../../parsing/schema-rules.ts'
import { JOB_STATUSES, TASK_TYPES } from '../../job/job.ts'
import { JOB_CURSOR_PATTERN } from './job-cursor.ts'
import { MAX_TAGS } from '../../job/job-choices.ts'
import { tagFilterSchema } from './tag-filter.ts'
import { tenantSchema } from './tenant.ts'
import { wholeNumber } from '../../parsing/whole-number.ts'

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
