import { setTimeout as sleep } from 'node:timers/promises'
import type { EndStatus } from '../job/job.ts'
import { jobCheck } from './answer-checks.ts'
import type { Job, JobResult } from './answers.ts'
import { ApiError } from './api-error.ts'
import { type ApiAnswer, type ApiCall, callApi } from './call-api.ts'
import type { Connection, WaitOptions } from './call-api.ts'
import { Patience } from './patience.ts'
import { readJson } from './read-json.ts'
import { receiveWhole } from './receive-link.ts'

/** The longest that the service holds an answer. */
export const MAX_WAIT_SECONDS = 20

type Asked = WaitOptions & { readonly id: string }

/**
 * The result of a job that has ended; a large one comes from where the API points to.
 *
 * @throws ApiError `job-not-ended` when it has not within `waitSeconds`
 */
export async function getResult(connection: Connection, asked: Asked): Promise<JobResult> {
  const answer = await callApi(connection, toCall(asked))
  refuseNotEnded(answer)
  const status = readStatus(answer)
  const location = answer.headers.get('location')
  if (location === null) {
    return { status, contentType: contentTypeOf(answer.headers), body: answer.body }
  }
  const { headers, body } = await receiveWhole(connection, location, asked.signal)
  return { status, contentType: contentTypeOf(headers), body }
}

/** By long polling, so that the end is known at once. The result itself is not read. */
export async function waitForEnd(
  connection: Connection,
  { id, signal }: Pick<Asked, 'id' | 'signal'>,
  get: () => Promise<Job>,
): Promise<Job> {
  const call = { ...toCall({ id, signal, waitSeconds: MAX_WAIT_SECONDS }), skipsBody: true }
  const patience = new Patience()
  for (;;) {
    try {
      const { status } = await callApi(connection, call)
      if (status !== 202) return await get()
      patience.reset()
    } catch (error) {
      await sleep(patience.afterFailure(error).retryMs, undefined, signal && { signal })
    }
  }
}

function toCall({ id, waitSeconds = 0, signal }: Asked): ApiCall {
  return {
    method: 'GET',
    path: `/jobs/${id}/result`,
    query: { waitSeconds },
    headers: { accept: '*/*' },
    holdMs: waitSeconds * 1000,
    repeatable: true,
    mayRedirect: true,
    signal,
  }
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
