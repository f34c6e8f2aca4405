import { ApiError } from './api-error.ts'
import type { ApiAnswer } from './call-api.ts'

/**
 * The JSON of an answer. Its shape is what the API's own schemas say.
 *
 * @throws ApiError `bad-answer`
 */
export function readJson({ body, status }: ApiAnswer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch (error) {
    const what = 'the answer is not JSON; is this the address of a Scalable Job API?'
    throw new ApiError('bad-answer', what, { status, cause: error })
  }
}
