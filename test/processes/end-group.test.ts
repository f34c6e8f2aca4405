import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { endGroup, type EndOptions } from '../../lib/processes/end-group.ts'
import { ProcessGroup } from '../../lib/processes/process-group.ts'
import { isRunning } from '../../lib/processes/read-process.ts'
import { pidsOf, Spawned } from './support/spawned.ts'

const spawned = new Spawned()
afterEach(() => spawned.endAll())

const OPTIONS: EndOptions = {
  mayKill: () => true,
  emptyLooks: 2,
  firstPollMs: 5,
  maxPollMs: 20,
  sleep,
  pace: 'in-slices',
}

describe('the end of a group', () => {
  it('is told once nothing of it runs, and what was killed is named', async () => {
    const leader = await spawned.shell('sleep 600 &')
    const left: number[][] = []
    const group = new ProcessGroup({ variable: 'NONE=x', leaders: [leader] })
    const onLeft: EndOptions['onLeft'] = (rows) => left.push(pidsOf(rows))
    expect(await endGroup(group, { ...OPTIONS, onLeft })).toBe(true)
    expect(left[0]).toHaveLength(2)
    expect(left[0]).toContain(leader.pid)
    expect(isRunning(leader)).toBe(false)
  })

  it('is waited for while it may come by itself', async () => {
    const leader = await spawned.shell('')
    let looks = 0
    const group = new ProcessGroup({ variable: 'NONE=x', leaders: [leader] })
    const mayKill = () => (looks += 1) > 5
    const running: boolean[] = []
    await endGroup(group, {
      ...OPTIONS,
      mayKill,
      prepare: async () => void running.push(isRunning(leader)),
    })
    expect(running.slice(0, 6)).toEqual(Array(6).fill(true))
    expect(isRunning(leader)).toBe(false)
  })

  it('takes as many empty looks in a row as asked for: one more process may come between', async () => {
    const group = new ProcessGroup({ variable: 'NONE=x', leaders: [] })
    let looks = 0
    const prepare = async () => {
      looks += 1
      if (looks === 2) group.addLeaders([await spawned.shell('')])
    }
    expect(await endGroup(group, { ...OPTIONS, prepare })).toBe(true)
    expect(looks).toBeGreaterThanOrEqual(4)
  })

  it('is not taken from a look that failed', async () => {
    const faults: unknown[] = []
    let looks = 0
    const prepare = async () => {
      looks += 1
      if (looks <= 3) throw new Error('the records cannot be read')
    }
    const group = new ProcessGroup({ variable: 'NONE=x', leaders: [] })
    const onFault = (error: unknown) => void faults.push(error)
    expect(await endGroup(group, { ...OPTIONS, prepare, onFault })).toBe(true)
    expect([looks, faults.length]).toEqual([5, 3])
  })

  it('is given up when told so, and is not claimed then', async () => {
    const leader = await spawned.shell('')
    const group = new ProcessGroup({ variable: 'NONE=x', leaders: [leader] })
    const signal = AbortSignal.abort()
    const options = { ...OPTIONS, mayKill: () => false, signal }
    expect(await endGroup(group, options)).toBe(false)
    expect(isRunning(leader)).toBe(true)
  })

  it('is looked for less and less often, up to a bound', async () => {
    const waits: number[] = []
    const stop = new AbortController()
    const leader = await spawned.shell('')
    await endGroup(new ProcessGroup({ variable: 'NONE=x', leaders: [leader] }), {
      ...OPTIONS,
      mayKill: () => false,
      signal: stop.signal,
      pace: 'at-once',
      sleep: async (ms) => {
        waits.push(ms)
        if (waits.length === 5) stop.abort()
      },
    })
    expect(waits).toEqual([5, 7.5, 11.25, 16.875, 20])
  })
})
