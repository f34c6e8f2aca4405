import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { scalerKey } from '../../lib/job/keys.ts'
import { look } from '../../lib/scaler/look/look.ts'
import { interfere, LOOK_SECONDS, type OpenScaler, openScaler } from './a-scaler.ts'

let scaler: OpenScaler

beforeEach(() => {
  scaler = openScaler()
})
afterEach(async () => {
  await scaler.close()
})

async function looks(count: number): Promise<void> {
  for (let each = 0; each < count; each += 1) {
    await look(scaler.deps, 'clock')
    await scaler.beatWorkers()
    await scaler.clock.advance(LOOK_SECONDS * 1000)
  }
}

describe('a quiet service', () => {
  it('costs six reads a look and writes only once a minute', async () => {
    await looks(2)
    const calls: string[] = []
    const count = (action: string) => void calls.push(action)
    const table = interfere(scaler.table, { before: count })
    const { queues } = scaler
    const counted = {
      ...scaler.deps,
      table,
      queues: Object.assign(Object.create(queues) as typeof queues, {
        depth: (name: 'command') => (count('depth'), queues.depth(name)),
      }),
    }
    await look(counted, 'clock')
    // The fleet's one observation comes on top.
    expect(calls.toSorted()).toEqual(
      ['get', 'list', 'queryIndex', 'queryIndex', 'queryIndex'].toSorted(),
    )
    const rev = async () => (await scaler.table.get(scalerKey('memory')))?.rev
    const before = await rev()
    await scaler.clock.advance(20_000)
    await look(scaler.deps, 'clock')
    expect(await rev()).toBe(before)
    await scaler.clock.advance(60_000)
    await look(scaler.deps, 'clock')
    expect(await rev()).toBeGreaterThan(before!)
  })
})
