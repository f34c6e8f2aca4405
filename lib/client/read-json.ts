import { ApiError } from './api-error.ts'
import type { ApiAnswer } from './call-api.ts'
import type { Check } from './check.ts'

/**
 * The JSON of an answer, as it came, once it is known to have what is read of it. A newer service
 * may know further fields and words: neither is a mistake.
 *
 * @throws ApiError `bad-answer`
 */
export function readJson<T>(
  { body, status }: Pick<ApiAnswer, 'body' | 'status'>,
  check: Check<T>,
): T {
  const value = parseJson(body, status)
  const wrong = check(value)
  if (wrong === undefined) return value as T
  const where = wrong === '' ? 'the answer' : `"${wrong.slice(1)}"`
  const what = `${where} is not what this API answers; is this the address of a Scalable Job API?`
  throw new ApiError('bad-answer', what, { status })
}

function parseJson(body: Buffer, status: number): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch (error) {
    const what = 'the answer is not JSON; is this the address of a Scalable Job API?'
    throw new ApiError('bad-answer', what, { status, cause: error })
  }
}
