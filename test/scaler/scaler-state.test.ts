import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { scalerKey } from '../../lib/job/keys.ts'
import type { JsonObject } from '../../lib/ports/json.ts'
import { look } from '../../lib/scaler/look/look.ts'
import { LOCK_MS, readState } from '../../lib/scaler/scaler-state.ts'
import { type OpenScaler, openScaler } from './a-scaler.ts'

let scaler: OpenScaler

beforeEach(() => {
  scaler = openScaler()
})
afterEach(async () => {
  await scaler.close()
})

/** The row as a scaler of another version wrote it. */
async function putOther(row: JsonObject): Promise<void> {
  const data = { format: 99, lockNumber: 7, savedAtMs: scaler.clock.now(), ...row }
  await scaler.table.write([{ kind: 'put', key: scalerKey('memory'), data, expect: 'any' }])
}

describe('a memory that another version of the scaler wrote', () => {
  it('is not read: everything begins anew, also silence, and the next look writes its own', async () => {
    await putOther({ scaling: { wanted: 9 }, reaper: 'of another form' })
    expect(await look(scaler.deps, 'clock')).toMatchObject({ kind: 'looked', failures: [] })
    const { state } = await readState(scaler.table)
    expect(state).toMatchObject({ lockNumber: 8, scaling: { wanted: 0 } })
  })

  it('still holds the lock that is in it, for as long as a lock lasts', async () => {
    const lock = { owner: 'other', number: 7, untilMs: scaler.clock.now() + LOCK_MS }
    await putOther({ lock })
    expect(await look(scaler.deps, 'clock')).toEqual({ kind: 'locked' })
    await scaler.clock.advance(LOCK_MS)
    expect(await look(scaler.deps, 'clock')).toMatchObject({ kind: 'looked' })
  })
})

describe('the lock', () => {
  it('lasts longer than the longest look', () => {
    expect(LOCK_MS).toBe(18_000)
  })

  it('is gone once the look is done', async () => {
    await scaler.addJob()
    await look(scaler.deps, 'clock')
    expect((await readState(scaler.table)).state.lock).toBeUndefined()
  })
})
