import { describe, expect, test } from 'vitest'
import { bounded, pauses } from '../../../lib/adapters/aws/bounded.ts'
import { PortUnavailable } from '../../../lib/ports/port-unavailable.ts'

const BOUND = { port: 'table', action: 'get', callMs: 10_000 }

function named(name: string): Error {
  return Object.assign(new Error(`${name} for the test`), { name })
}

describe('a call of a port', () => {
  test('that AWS does not answer in time is unavailable, whether it listens to its signal or not', async () => {
    let signal: AbortSignal | undefined
    const hanging = bounded({ ...BOUND, callMs: 20 }, (given) => {
      signal = given
      return new Promise<never>(() => undefined)
    })
    await expect(hanging).rejects.toBeInstanceOf(PortUnavailable)
    expect(signal?.aborted).toBe(true)
  })

  test('ends what else it has under way when it fails', async () => {
    let signal: AbortSignal | undefined
    const failing = bounded(BOUND, (given) => {
      signal = given
      return Promise.reject(named('InternalError'))
    })
    await expect(failing).rejects.toThrow(/table.*get/)
    expect(signal?.aborted).toBe(true)
  })

  test.each(['ValidationException', 'InvalidParameterValue', 'MalformedXML', 'KeyTooLongError'])(
    'that AWS finds wrong (%s) fails with what AWS says',
    async (name) => {
      await expect(bounded(BOUND, () => Promise.reject(named(name)))).rejects.toMatchObject({
        name,
      })
    },
  )

  test('that the adapter finds wrong fails with that', async () => {
    const wrong = new RangeError('wrong')
    await expect(bounded(BOUND, () => Promise.reject(wrong))).rejects.toBe(wrong)
  })

  test('passes on the answers that its caller expects', async () => {
    const expects = (error: unknown): boolean => error instanceof Error && error.name === 'NotFound'
    const absent = named('NotFound')
    const call = bounded({ ...BOUND, expects }, () => Promise.reject(absent))
    await expect(call).rejects.toBe(absent)
  })
})

describe('the pause between two tries', () => {
  test('ends at once, with an error, when the time of the call is up', async () => {
    const ender = new AbortController()
    const pause = pauses(ender.signal)
    await pause()
    ender.abort()
    await expect(pause()).rejects.toThrow(/abort/i)
  })
})
