import { z } from 'zod'
import { EXAMPLE_JOB_ID } from './contract/job-view-schema.ts'
import { ServiceError, showValue } from '../registry/errors.ts'
import { isJobId } from '../job/job-id.ts'
import { type StoredJob, readJob } from '../job/store/job-row.ts'
import type { Call } from './route.ts'

export const jobParams = z.object({
  id: z.string().meta({ description: 'Id of the job.', example: EXAMPLE_JOB_ID }),
})

/**
 * The job that the path names, where the caller may see it. Another tenant's job is as absent as
 * one that never was.
 *
 * @throws ServiceError `not-found`
 */
export async function findJob({ api, c, caller }: Call): Promise<StoredJob> {
  const id = c.req.param('id') ?? ''
  if (!isJobId(id)) throw noJob(id, 'is not a job id', '19 decimal digits')
  const stored = await readJob(api.table, id)
  const isVisible = caller.isAdmin || stored?.job.tenant === caller.tenant
  if (stored === undefined || !isVisible) throw noJob(id, 'is not the id of a job of yours')
  return stored
}

function noJob(id: string, problem: string, allowed?: string): ServiceError {
  return new ServiceError('not-found', `${showValue(id)} ${problem}`, {
    details: [
      { path: 'path.id', problem, got: showValue(id), ...(allowed !== undefined && { allowed }) },
    ],
  })
}
