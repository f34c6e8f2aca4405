import { beforeEach, describe, expect, it } from 'vitest'
import type { WorkerDeps } from '../../worker/loop/worker-deps.ts'
import { refreshRow } from '../../worker/row/refresh-row.ts'
import { aService } from '../support/a-service.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { quietLog } from './support/quiet-log.ts'

const BEAT_SECONDS = 10

describe('the row of a worker', () => {
  let clock: FakeClock
  let calls: string[]
  let announce: () => void
  let ending: AbortController

  beforeEach(() => {
    clock = new FakeClock()
    calls = []
    announce = () => undefined
    ending = new AbortController()
  })

  function start(write = (): Promise<void> => Promise.resolve()): Promise<void> {
    const service = aService()
    const timing = { ...service.timing, beatSeconds: BEAT_SECONDS }
    const row = {
      look: async () => void calls.push('look'),
      write: async () => {
        calls.push(`write at ${clock.monotonicMs()}`)
        await write()
      },
    }
    const worker = {
      row,
      deps: { clock, log: quietLog, service: { ...service, timing } } as unknown as WorkerDeps,
      onNews: (listener: () => void) => (announce = listener),
    }
    return refreshRow(worker as never, ending.signal)
  }

  const writes = () => calls.filter((call) => call !== 'look')

  it('is written once a beat and looked at twice, while nothing changes', async () => {
    void start()
    await clock.advance(60_000)
    expect(writes().length).toBeGreaterThanOrEqual(5)
    expect(writes().length).toBeLessThanOrEqual(7)
    expect(calls.filter((call) => call === 'look')).toHaveLength(12)
  })

  it('says within 100 ms what has changed, and in one write what changed together', async () => {
    void start()
    await clock.advance(12_000)
    const before = writes().length
    announce()
    await clock.advance(50)
    announce()
    announce()
    await clock.advance(50)
    expect(writes().slice(before)).toEqual(['write at 12100'])
  })

  it('goes on where a write fails', async () => {
    let failures = 1
    void start(() => (failures-- > 0 ? Promise.reject(new Error('away')) : Promise.resolve()))
    await clock.advance(20_000)
    expect(writes().length).toBeGreaterThanOrEqual(2)
  })

  it('is left alone once the worker ends', async () => {
    const ended = start()
    await clock.advance(1000)
    ending.abort()
    await ended
    const before = calls.length
    await clock.advance(60_000)
    expect(calls).toHaveLength(before)
  })
})
