import { describe, expect, it } from 'vitest'
import { ActiveJobs } from '../../worker/loop/active-jobs.ts'
import { RunControl, type StopOrder } from '../../worker/run/run-control.ts'

const SHOWN = { jobId: '1', attempt: 1, taskType: 'command', startedAt: '' } as const

describe('the jobs of a worker that stops', () => {
  it('get their own grace, but none more than the worker has', () => {
    const jobs = new ActiveJobs(() => undefined)
    const [short, long] = [new RunControl(), new RunControl()]
    jobs.add({ shown: SHOWN, control: short, graceMs: 1000 })
    jobs.add({ shown: SHOWN, control: long, graceMs: 60_000 })
    jobs.stopAll('released', 30_000)
    expect(short.order).toEqual({ why: 'released', graceMs: 1000 })
    expect(long.order).toEqual({ why: 'released', graceMs: 30_000 })
  })

  it('are stopped too when their claim is answered only after the order', () => {
    const jobs = new ActiveJobs(() => undefined)
    jobs.stopAll('released', 30_000)
    const control = new RunControl()
    jobs.add({ shown: SHOWN, control, graceMs: 1000 })
    expect(control.order?.why).toBe('released')
  })
})

describe('an order to stop', () => {
  it('keeps its first reason, while a later one may shorten the grace', () => {
    const control = new RunControl()
    const seen: StopOrder[] = []
    control.stop({ why: 'timed-out', graceMs: 5000 })
    control.onStop((order) => seen.push(order))
    control.stop({ why: 'released', graceMs: 1000 })
    expect(seen).toEqual([
      { why: 'timed-out', graceMs: 5000 },
      { why: 'timed-out', graceMs: 1000 },
    ])
    expect(control.signal.aborted).toBe(true)
  })

  it('that says lost forbids to write anything, whatever came first', () => {
    const control = new RunControl()
    control.stop({ why: 'canceled', graceMs: 5000 })
    expect(control.isLost).toBe(false)
    control.stop({ why: 'lost', graceMs: 0 })
    expect(control.isLost).toBe(true)
    expect(control.order?.why).toBe('canceled')
  })
})
