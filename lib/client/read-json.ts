import type { z } from 'zod'
import { ApiError } from './api-error.ts'
import type { ApiAnswer } from './call-api.ts'

/**
 * The JSON of an answer, as it came, once its shape is that of the API's own schema. A newer service
 * may know further fields and words: neither is a mistake.
 *
 * @throws ApiError `bad-answer`
 */
export function readJson<T extends z.ZodType>(
  { body, status }: Pick<ApiAnswer, 'body' | 'status'>,
  schema: T,
): z.output<T> {
  const value = parseJson(body, status)
  const issues = schema.safeParse(value).error?.issues ?? []
  const mistake = issues.find(({ code }) => code !== 'invalid_value')
  if (mistake === undefined) return value as z.output<T>
  const where = mistake.path.length === 0 ? 'the answer' : `"${mistake.path.join('.')}"`
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
