import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { markAgain, requestKick, takeAgain } from '../../lib/scaler/look/kick.ts'
import { WakeableTimer } from '../../lib/pace/wakeable-timer.ts'
import { endOfMinute, lookOnKick, runLooks } from '../../lib/scaler/look/run-looks.ts'
import { interfere, type OpenScaler, openScaler } from './a-scaler.ts'

let scaler: OpenScaler

beforeEach(() => {
  scaler = openScaler()
})
afterEach(async () => {
  await scaler.close()
})

describe('a kick', () => {
  const kick = () => requestKick(scaler.table, scaler.clock)

  it('looks at once, and at most once in two seconds', async () => {
    expect(await kick()).toEqual({ kind: 'now' })
    await scaler.clock.advance(500)
    expect(await kick()).toEqual({ kind: 'later', whenMs: scaler.clock.now() + 1500 })
    expect(await kick()).toEqual({ kind: 'covered' })
    await scaler.clock.advance(1500)
    expect(await kick()).toEqual({ kind: 'now' })
  })

  it('is not lost with the process that promised the trailing look', async () => {
    await kick()
    await kick()
    await scaler.clock.advance(2000)
    expect(await kick()).toEqual({ kind: 'now' })
    expect(await kick()).toMatchObject({ kind: 'later' })
  })

  it('out of a burst of many leads to one look now and one after the window', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, kick))
    expect(answers.filter(({ kind }) => kind === 'now')).toHaveLength(1)
    expect(answers.filter(({ kind }) => kind === 'later').length).toBeLessThanOrEqual(1)
  })

  it('works again after the wall clock went back', async () => {
    await kick()
    scaler.clock.jump(-3_600_000)
    expect(await kick()).toEqual({ kind: 'now' })
  })

  it('that met the lock is remembered once', async () => {
    let writes = 0
    const table = interfere(scaler.table, {
      before: (action) => void (action === 'write' && (writes += 1)),
    })
    await markAgain(table)
    await markAgain(table)
    expect(writes).toBe(1)
    expect(await takeAgain(scaler.table)).toBe(true)
    expect(await takeAgain(scaler.table)).toBe(false)
  })

  it('inside the window sees what came after the look before', async () => {
    const { signal } = new AbortController()
    await lookOnKick(scaler.deps, signal)
    await scaler.addJob()
    const trailing = lookOnKick(scaler.deps, signal)
    await scaler.clock.advance(2000)
    expect(await trailing).toMatchObject({ kind: 'looked', decision: { wanted: 1 } })
  })

  it('that comes to the end of its window finds another one there, and makes no look', async () => {
    const { signal } = new AbortController()
    await lookOnKick(scaler.deps, signal)
    const trailing = lookOnKick(scaler.deps, signal)
    await scaler.clock.advance(1999)
    scaler.clock.jump(1)
    expect(await kick()).toEqual({ kind: 'now' })
    await kick()
    await scaler.clock.advance(1)
    expect(await trailing).toBeUndefined()
  })

  it('never throws, whatever the table does', async () => {
    const table = interfere(scaler.table, {
      before: () => {
        throw new Error('away')
      },
    })
    const { signal } = new AbortController()
    expect(await lookOnKick({ ...scaler.deps, table }, signal)).toBeUndefined()
  })
})

describe('the loop of looks', () => {
  function countLooks(deps = scaler.deps) {
    let count = 0
    const observe = deps.fleet.observe.bind(deps.fleet)
    deps.fleet.observe = () => ((count += 1), observe())
    return { deps, count: () => count }
  }

  it('looks every period until it is told to end', async () => {
    const looks = countLooks()
    const end = new AbortController()
    const running = runLooks(looks.deps, { signal: end.signal })
    await scaler.clock.advance(35_000)
    expect(looks.count()).toBe(4)
    end.abort()
    await running
  })

  it('looks again soon after a look that failed, ever later while they go on failing', async () => {
    const end = new AbortController()
    const table = interfere(scaler.table, {
      before: () => {
        throw new Error('away')
      },
    })
    const running = runLooks({ ...scaler.deps, table }, { signal: end.signal })
    await scaler.clock.advance(1500)
    const atOnce = scaler.metrics.sum('ScalerLookFailed')
    await scaler.clock.advance(14_000)
    expect([atOnce, scaler.metrics.sum('ScalerLookFailed')]).toEqual([1, 4])
    end.abort()
    await running
  })

  it('looks again soon after a look of which only a part failed', async () => {
    const looks = countLooks()
    const end = new AbortController()
    await scaler.addJob()
    scaler.fleet.broken.add('setDesired')
    const running = runLooks(looks.deps, { signal: end.signal })
    await scaler.clock.advance(1999)
    expect(looks.count()).toBe(1)
    await scaler.clock.advance(1)
    expect(looks.count()).toBe(2)
    scaler.fleet.broken.clear()
    await scaler.clock.advance(4000)
    expect(looks.count()).toBe(3)
    await scaler.clock.advance(9999)
    expect(looks.count()).toBe(3)
    await scaler.clock.advance(1)
    expect(looks.count()).toBe(4)
    end.abort()
    await running
  })

  it('of one minute does not wait for its end where no kick can come', async () => {
    const { signal } = new AbortController()
    const endMonotonicMs = scaler.clock.monotonicMs() + 15_000
    const running = runLooks(scaler.deps, { signal, endMonotonicMs })
    await scaler.clock.advance(10_000)
    await running
    expect(scaler.clock.monotonicMs()).toBeLessThan(endMonotonicMs)
  })

  it('looks at once when it is kicked, and again by the clock', async () => {
    const looks = countLooks()
    const end = new AbortController()
    const kicks = new WakeableTimer(scaler.clock)
    const running = runLooks(looks.deps, { signal: end.signal, kicks })
    await scaler.clock.advance(3000)
    kicks.wake()
    await scaler.clock.advance(1000)
    expect(looks.count()).toBe(2)
    await scaler.clock.advance(6000)
    expect(looks.count()).toBe(3)
    end.abort()
    await running
  })

  it('of one minute ends by itself, and before its own deadline', async () => {
    const { signal } = new AbortController()
    const looks = countLooks()
    const endMonotonicMs = endOfMinute(scaler.clock, 300_000)
    const running = runLooks(looks.deps, { signal, endMonotonicMs })
    await scaler.clock.advance(61_000)
    await running
    expect(looks.count()).toBe(6)
    expect(endOfMinute(scaler.clock, 40_000) - scaler.clock.monotonicMs()).toBe(25_000)
  })
})
