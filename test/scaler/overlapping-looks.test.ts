import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { scalerKey } from '../../lib/job/keys.ts'
import { PortUnavailable } from '../../lib/ports/port-unavailable.ts'
import { markAgain } from '../../lib/scaler/look/kick.ts'
import { look } from '../../lib/scaler/look/look.ts'
import { LOCK_MS, readState } from '../../lib/scaler/scaler-state.ts'
import { interfere, type OpenScaler, openScaler } from './a-scaler.ts'

let scaler: OpenScaler

beforeEach(() => {
  scaler = openScaler()
})
afterEach(async () => {
  await scaler.close()
})

describe('two looks at once', () => {
  it('one acts, the other asks it to look once more', async () => {
    await scaler.addJob()
    let second: Promise<unknown> | undefined
    const table = interfere(scaler.table, {
      before: async (action, detail) => {
        const isReaper = action === 'queryIndex' && JSON.stringify(detail).includes('running')
        if (!isReaper || second !== undefined) return
        await scaler.addJob()
        await scaler.addJob()
        second = look({ ...scaler.deps, owner: 'two' }, 'kick')
        expect(await second).toEqual({ kind: 'locked' })
      },
    })
    const report = await look({ ...scaler.deps, table }, 'clock')
    expect(report).toMatchObject({ kind: 'looked', decision: { wanted: 2 } })
    expect(scaler.fleet.desired('a')).toBe(2)
  })

  it('one that was overtaken while it was looking does nothing with what it saw', async () => {
    await scaler.fleet.place('a', 'v1')
    await scaler.addJob()
    let overtaking: Promise<unknown> | undefined
    const table = interfere(scaler.table, {
      before: async (action, detail) => {
        const isLock = action === 'write' && JSON.stringify(detail).includes('"lock"')
        if (!isLock || overtaking !== undefined) return
        for (let more = 0; more < 3; more += 1) await scaler.addJob()
        overtaking = look({ ...scaler.deps, owner: 'two' }, 'kick')
        await overtaking
      },
    })
    await look({ ...scaler.deps, table }, 'clock')
    expect(scaler.fleet.calls).toEqual(['place a v1', 'setDesired a 2'])
  })

  it('takes over from one that died, after the time of its lock, and mends what it left undone', async () => {
    await scaler.addJob()
    scaler.fleet.broken.add('place')
    const table = interfere(scaler.table, {
      before: (action, detail) => {
        const isRelease = action === 'write' && !JSON.stringify(detail).includes('"lock"')
        if (isRelease) throw new PortUnavailable('table', 'write', new Error('killed'))
      },
    })
    await look({ ...scaler.deps, table }, 'clock')
    scaler.fleet.broken.clear()
    await scaler.clock.advance(LOCK_MS - 1000)
    expect(await look(scaler.deps, 'clock')).toEqual({ kind: 'locked' })
    await scaler.clock.advance(1000)
    expect(await look(scaler.deps, 'clock')).toMatchObject({ kind: 'looked' })
    expect(scaler.fleet.total).toBe(1)
  })

  it('one that lasted longer than its lock writes nothing over the other, and says so', async () => {
    await scaler.addJob()
    let isOvertaken = false
    const table = interfere(scaler.table, {
      before: async (action, detail) => {
        const isReaper = action === 'queryIndex' && JSON.stringify(detail).includes('running')
        if (!isReaper || isOvertaken) return
        isOvertaken = true
        await scaler.clock.advance(LOCK_MS)
        expect(await look({ ...scaler.deps, owner: 'two' }, 'clock')).toMatchObject({
          failures: [],
        })
      },
    })
    const report = await look({ ...scaler.deps, table }, 'clock')
    expect(report).toMatchObject({ failures: [{ step: 'release' }] })
    expect((await readState(scaler.table)).state.lockNumber).toBe(2)
  })

  it('look at most three times in a row, however often others ask', async () => {
    await scaler.addJob()
    let rounds = 0
    const table = interfere(scaler.table, {
      before: async (action, detail) => {
        const isLock = action === 'write' && JSON.stringify(detail).includes('"lock"')
        if (!isLock) return
        rounds += 1
        await markAgain(scaler.table)
      },
    })
    expect(await look({ ...scaler.deps, table }, 'clock')).toMatchObject({ kind: 'looked' })
    expect(rounds).toBe(3)
  })

  it('one that finds the lock released after its mark looks after all', async () => {
    const lock = { owner: 'x', number: 1, untilMs: scaler.clock.now() + LOCK_MS }
    const key = scalerKey('memory')
    await scaler.table.write([{ kind: 'put', key, data: { lock }, expect: 'any' }])
    const table = interfere(scaler.table, {
      before: async (action, detail) => {
        if (action !== 'write' || !JSON.stringify(detail).includes('again')) return
        await scaler.table.write([{ kind: 'delete', key, expect: 'any' }])
      },
    })
    expect(await look({ ...scaler.deps, table }, 'clock')).toMatchObject({ kind: 'looked' })
  })

  it('is over only once its lock is released', async () => {
    await scaler.addJob()
    let letGo = () => {}
    const gate = new Promise<void>((resolve) => (letGo = resolve))
    const table = interfere(scaler.table, {
      before: (action, detail) => {
        const text = JSON.stringify(detail)
        const isRelease =
          action === 'write' && text.includes('lockNumber') && !text.includes('"lock"')
        return isRelease ? gate : undefined
      },
    })
    let isOver = false
    const looking = look({ ...scaler.deps, table }, 'clock').then(() => (isOver = true))
    await scaler.clock.advance(0)
    expect(isOver).toBe(false)
    letGo()
    await looking
  })

  it('does not wait for a lock of a clock that went back', async () => {
    const lock = { owner: 'x', number: 1, untilMs: scaler.clock.now() + 3_600_000 }
    const scaling = { runSeconds: {}, beats: {} }
    const data = { lock, lockNumber: 1, savedAtMs: 0, scaling, reaper: { seen: {} } }
    const key = scalerKey('memory')
    await scaler.table.write([{ kind: 'put', key, data, expect: 'any' }])
    expect(await look(scaler.deps, 'clock')).toMatchObject({ kind: 'looked' })
  })
})
