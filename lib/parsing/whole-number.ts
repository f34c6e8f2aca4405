import { z } from 'zod'

export interface NumberBounds {
  readonly min: number
  readonly max: number
}

/**
 * A whole number in a query string: decimal digits alone, so that `1e3`, `0x10` and an empty value
 * are mistakes and not numbers.
 */
export function wholeNumber({ min, max }: NumberBounds) {
  return z.preprocess(
    (text) => (typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : text),
    z.int().min(min).max(max),
  )
}

/** Longest wait that one request may ask for (SQS's longest poll; below API Gateway's 30 s). */
const MAX_WAIT_SECONDS = 20

export function waitSecondsParameter(what: string) {
  return wholeNumber({ min: 0, max: MAX_WAIT_SECONDS })
    .default(0)
    .meta({ description: `Longest wait in seconds ${what}`, example: 20 })
}
