import type { EndStatus } from '../job/job.ts'
import type { JobResult } from './answers.ts'
import { jobCheck } from './answer-checks.ts'
import { ApiError } from './api-error.ts'
import { type ApiAnswer, callApi, type Connection } from './call-api.ts'
import { readJson } from './read-json.ts'
import { receiveLink } from './receive-link.ts'

/**
 * The result of a job that has ended; a large one comes from where the API points to.
 *
 * @throws ApiError `job-not-ended` when it has not within `waitSeconds`
 */
export async function getResult(
  connection: Connection,
  {
    id,
    waitSeconds = 0,
    signal,
  }: { id: string; waitSeconds?: number | undefined; signal?: AbortSignal | undefined },
): Promise<JobResult> {
  const answer = await callApi(connection, {
    method: 'GET',
    path: `/jobs/${id}/result`,
    query: { waitSeconds },
    headers: { accept: '*/*' },
    holdMs: waitSeconds * 1000,
    repeatable: true,
    mayRedirect: true,
    signal,
  })
  refuseNotEnded(answer)
  const status = readStatus(answer)
  const location = answer.headers.get('location')
  if (location === null)
    return { status, contentType: contentTypeOf(answer.headers), body: answer.body }
  const chunks: Uint8Array[] = []
  const { headers, body } = await receiveLink(connection, location, signal)
  for await (const chunk of body) chunks.push(chunk)
  return { status, contentType: contentTypeOf(headers), body: Buffer.concat(chunks) }
}

function readStatus({ headers }: ApiAnswer): EndStatus {
  const status = headers.get('x-scalable-job-status')
  if (status === 'succeeded' || status === 'failed' || status === 'canceled') return status
  throw new ApiError('bad-answer', 'the answer does not say how the job ended')
}

function contentTypeOf(headers: Headers): string {
  return headers.get('content-type') ?? 'application/octet-stream'
}

/**
 * A job that has not ended yet is answered with 202 and the job as it stands.
 *
 * @throws ApiError `job-not-ended`
 */
export function refuseNotEnded(answer: ApiAnswer): void {
  if (answer.status !== 202) return
  const { id, status } = readJson(answer, jobCheck)
  throw new ApiError('job-not-ended', `job ${id} is ${status}`, { status: answer.status })
}
