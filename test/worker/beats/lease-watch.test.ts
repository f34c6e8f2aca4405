import { beforeEach, describe, expect, it } from 'vitest'
import { LeaseWatch } from '../../../worker/beats/lease-watch.ts'
import { FakeClock } from '../../support/fake-clock.ts'

describe('the lease of an attempt, as its worker counts on it', () => {
  let clock: FakeClock

  beforeEach(() => {
    clock = new FakeClock()
  })

  const aWatch = (leaseMs: number): LeaseWatch =>
    new LeaseWatch({
      clock,
      leaseMs,
      sentAtMs: clock.monotonicMs(),
      report: () => undefined,
      end: () => undefined,
    })

  it.each([
    ['a tenth of a short lease', 30_000, 27_000],
    ['five seconds of a long one', 300_000, 295_000],
  ])('ends %s before others may begin', async (_what, leaseMs, untilMs) => {
    const watch = aWatch(leaseMs)
    expect(watch.untilMs).toBe(untilMs)
    await clock.advance(untilMs - 1)
    expect(watch.isOver).toBe(false)
    expect(watch.leftMs).toBe(1)
    await clock.advance(1)
    expect(watch.isOver).toBe(true)
    await clock.advance(1000)
    expect(watch.leftMs).toBe(0)
  })

  it('counts from the sending of its last good beat, in whatever order the answers come', () => {
    const watch = aWatch(30_000)
    const heard: number[] = []
    watch.on('renewed', (untilMs) => heard.push(untilMs))
    watch.renew(20_000)
    watch.renew(10_000)
    watch.renew(20_000)
    expect(watch.untilMs).toBe(47_000)
    expect(heard).toEqual([47_000])
  })

  it('says nothing any more once the attempt has ended', () => {
    const watch = aWatch(30_000)
    let heard = 0
    watch.on('not-holder', () => (heard += 1))
    watch.end()
    watch.emit('not-holder')
    expect(heard).toBe(0)
  })
})
