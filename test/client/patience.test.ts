import { describe, expect, test } from 'vitest'
import { ApiError } from '../../lib/client/api-error.ts'
import { followLogs } from '../../lib/client/follow-logs.ts'
import { Patience } from '../../lib/client/patience.ts'

const away = new ApiError('unreachable', 'away')

describe('patience with a service that is away', () => {
  test('waits longer each time, up to 15 s, for about ten minutes', () => {
    const patience = new Patience()
    const waits = Array.from({ length: 40 }, () => patience.afterFailure(away).retryMs)
    expect(waits.slice(0, 7)).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000])
    expect(waits.reduce((sum, ms) => sum + ms, 0) / 60_000).toBeCloseTo(9, 0)
    expect(() => patience.afterFailure(away)).toThrow('away')
  })

  test('begins anew after an answer', () => {
    const patience = new Patience()
    patience.afterFailure(away)
    patience.reset()
    expect(patience.afterFailure(away)).toEqual({ error: away, retryMs: 500 })
  })

  test.each([
    ['what waiting does not change', new ApiError('not-found', 'no', { status: 404 })],
    ['what is no error of a call', new TypeError('no')],
  ])('has none with %s', (_, error) => {
    expect(() => new Patience().afterFailure(error)).toThrow('no')
  })

  test.each([408, 429, 502, 503, 504])('has some with HTTP %d', (status) => {
    const error = new ApiError('bad-answer', 'away', { status })
    expect(new Patience().afterFailure(error).retryMs).toBe(500)
  })
})

test('a log that is followed says that the service is away, and stops when it is told to', async () => {
  const stop = new AbortController()
  const client = { readLogs: () => Promise.reject(away) }
  const events = followLogs(client, '1', { signal: stop.signal })
  expect((await events.next()).value).toEqual({ kind: 'interrupted', error: away, retryMs: 500 })
  const next = events.next()
  stop.abort()
  await expect(next).rejects.toThrow('aborted')
})
