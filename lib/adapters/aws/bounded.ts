import { setTimeout as sleep } from 'node:timers/promises'
import { backoff } from '../../pace/backoff.ts'
import { PortUnavailable } from '../../ports/port-unavailable.ts'

/** AWS's names for "this call is wrong": a fault of ours, which no retry mends. */
const WRONG_CALLS = new Set([
  'BatchEntryIdsNotDistinct',
  'BatchRequestTooLong',
  'EntityTooLarge',
  'IdempotentParameterMismatchException',
  'InvalidAttributeValue',
  'InvalidMessageContents',
  'InvalidParameterException',
  'InvalidParameterValue',
  'KeyTooLongError',
  'MalformedXML',
  'SerializationException',
  'ValidationException',
])

export interface Bound {
  /** As it stands in the error: `table`, `queues`, … */
  readonly port: string
  readonly action: string
  /** From the start to the answer, whatever the SDK does in between. */
  readonly callMs: number
  /** Answers of AWS that mean something to the caller; thrown as they are. */
  readonly expects?: (error: unknown) => boolean
}

/**
 * Runs one call of a port, however many AWS calls it is made of, and ends it in time. The signal
 * cuts what is under way; the race also ends what does not listen to signals, such as the look-up
 * of credentials.
 *
 * @throws PortUnavailable when AWS was not reached, did not answer in time, throttled to the end, or
 * refused for a reason outside the call (permissions, a missing table): whether the call took effect
 * is unknown
 * @throws RangeError, or the error of the SDK, when the call itself is wrong
 */
export async function bounded<T>(
  { port, action, callMs, expects = () => false }: Bound,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ender = new AbortController()
  const timeout = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const error = new Error(`no answer within ${callMs} ms`)
    ender.abort(error)
    timeout.reject(error)
  }, callMs)
  try {
    return await Promise.race([run(ender.signal), timeout.promise])
  } catch (error) {
    // Whatever else the call had under way ends with it.
    ender.abort(error)
    const isWrongCall = error instanceof RangeError || WRONG_CALLS.has(nameOf(error))
    if (isWrongCall || expects(error)) throw error
    throw new PortUnavailable(port, action, error)
  } finally {
    clearTimeout(timer)
  }
}

/**
 * The pauses between the tries of one call: 25 ms at first, doubled each time, at most 1 s. A pause
 * is cut with an error when the call's time is up.
 */
export function pauses(signal: AbortSignal): () => Promise<void> {
  const waits = backoff({ firstMs: 25, maxMs: 1000 })
  return () => sleep(waits.nextMs(), undefined, { signal })
}

/** The name of an error, as AWS gives it. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : ''
}

export function httpStatusOf(error: unknown): number | undefined {
  const { $metadata } = (error ?? {}) as { $metadata?: { httpStatusCode?: number } }
  return $metadata?.httpStatusCode
}
