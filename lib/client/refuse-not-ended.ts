import { jobViewSchema } from '../api/contract/job-view-schema.ts'
import { ApiError } from './api-error.ts'
import type { ApiAnswer } from './call-api.ts'
import { readJson } from './read-json.ts'

/**
 * A job that has not ended yet is answered with 202 and the job as it stands.
 *
 * @throws ApiError `job-not-ended`
 */
export function refuseNotEnded(answer: ApiAnswer): void {
  if (answer.status !== 202) return
  const { id, status } = readJson(answer, jobViewSchema)
  throw new ApiError('job-not-ended', `job ${id} is ${status}`, { status: answer.status })
}
