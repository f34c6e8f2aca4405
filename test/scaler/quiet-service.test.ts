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

async function rev(): Promise<number | undefined> {
  return (await scaler.table.get(scalerKey('memory')))?.rev
}

describe('a service is not quiet, and its row is written in each look,', () => {
  it.each<[string, () => unknown]>([
    ['while a task has not reported', () => scaler.fleet.startTask('task-new')],
    ['while a job runs', () => scaler.addJob(scaler.runningJob('w1'))],
    ['while a part cannot be seen', () => scaler.fleet.broken.add('observe')],
    ['while a job waits', () => scaler.addJob({ attempt: 1, readyAt: '2030-01-01T00:00:00.000Z' })],
  ])('%s', async (_name, happens) => {
    await looks(2)
    await happens()
    // The first look that sees it has a decision to tell.
    await looks(2)
    const before = await rev()
    await looks(1)
    expect(await rev()).toBe(before! + 2)
  })
})

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
    const before = await rev()
    await scaler.clock.advance(20_000)
    await look(scaler.deps, 'clock')
    expect(await rev()).toBe(before)
    await scaler.clock.advance(60_000)
    await look(scaler.deps, 'clock')
    expect(await rev()).toBeGreaterThan(before!)
  })
})
