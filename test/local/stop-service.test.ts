import { expect, test } from 'vitest'
import { drainSecondsOf, makeStop, type RunningService } from '../../lib/local/stop-service.ts'
import { aService } from '../support/a-service.ts'

const nothing = { stop: async () => {} }

test('a stop leaves the workers all the time that the service gives them; a second call does not', async () => {
  const service = aService()
  const graces: number[] = []
  const { promise: stopped, resolve: end } = Promise.withResolvers<void>()
  const stop = makeStop({
    service,
    supervisor: {
      stopAll: ({ graceSeconds }: { graceSeconds: number }) => {
        graces.push(graceSeconds)
        return stopped
      },
    },
    scaler: nothing,
    collector: nothing,
    listener: { close: async () => {} },
    stores: { close: async () => {} },
    folders: { addressFile: '/nonexistent/address.json' },
    log: { warn: () => {} },
  } as unknown as RunningService)
  const first = stop('drain')
  await expect.poll(() => graces).toEqual([drainSecondsOf(service)])
  expect(stop('hurry')).toBe(first)
  expect(graces).toEqual([drainSecondsOf(service), 10])
  end()
  await first
})
