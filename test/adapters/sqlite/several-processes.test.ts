import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { BUSY_BOUND_MS } from '../../../lib/adapters/sqlite/database.ts'
import { openEmbedded } from '../../../lib/adapters/open-embedded.ts'
import { systemClock } from '../../../lib/adapters/node/system-clock.ts'
import type { Message } from '../../../lib/ports/queues.ts'
import { PortUnavailable } from '../../../lib/ports/port-unavailable.ts'
import { type RunningProgram, runProgram } from '../../support/run-program.ts'
import { waitFor } from '../../support/wait-for.ts'
import { openTemporary, type TemporaryStores } from './open-temporary.ts'

let stores: TemporaryStores
const programs: RunningProgram[] = []

function start(name: string, ...args: string[]): RunningProgram {
  const program = runProgram(name, ...args)
  programs.push(program)
  return program
}

beforeEach(async () => {
  stores = await openTemporary()
})

afterEach(async () => {
  await Promise.all(programs.splice(0).map((program) => program.kill()))
  await stores.close()
})

async function receiveAllOutput(): Promise<Message[]> {
  const all: Message[] = []
  for (;;) {
    const how = { max: 10, waitSeconds: 0, visibilitySeconds: 600 }
    const some = await stores.queues.receive('output', how)
    if (some.length === 0) return all
    all.push(...some)
  }
}

describe('several processes', () => {
  test('count one row up and lose no count', { timeout: 120_000 }, async () => {
    const counters = Array.from({ length: 5 }, () =>
      start('stores-increment.ts', stores.stateDir, '60'),
    )
    const codes = await Promise.all(counters.map(({ ended }) => ended))
    expect(codes).toEqual([0, 0, 0, 0, 0])
    const row = await stores.table.get({ pk: 'counter', sk: 'state' })
    expect(row).toMatchObject({ rev: 300, data: { count: 300 } })
  })

  test('receive from one queue, each message once', { timeout: 120_000 }, async () => {
    const bodies = Array.from({ length: 400 }, (_, at) => String(at).padStart(3, '0'))
    await stores.queues.send(
      'command',
      bodies.map((body) => ({ body })),
    )
    const receivers = Array.from({ length: 4 }, () => start('stores-receive.ts', stores.stateDir))
    await Promise.all(receivers.map(({ ended }) => ended))
    const received = receivers.flatMap((receiver) => receiver.lines())
    expect(received.toSorted()).toEqual(bodies)
    expect(await stores.queues.depth('command')).toEqual({ visible: 0, inFlight: 0, delayed: 0 })
  })

  test('create the state folder at the same moment', { timeout: 60_000 }, async () => {
    const stateDir = join(stores.stateDir, 'made', 'by', 'all')
    const counters = Array.from({ length: 6 }, () => start('stores-increment.ts', stateDir, '1'))
    expect(await Promise.all(counters.map(({ ended }) => ended))).toEqual([0, 0, 0, 0, 0, 0])
    const made = openEmbedded({ stateDir, clock: systemClock })
    expect((await made.table.get({ pk: 'counter', sk: 'state' }))?.data).toEqual({ count: 6 })
    await made.close()
  })

  test('wake each other: a message sent here is received there', { timeout: 60_000 }, async () => {
    start('stores-echo.ts', stores.stateDir)
    for (const body of ['first', 'second', 'third']) {
      await stores.queues.send('query', [{ body }])
      const how = { max: 1, waitSeconds: 20, visibilitySeconds: 600 }
      const [answer] = await stores.queues.receive('output', how)
      expect(answer?.body).toBe(body)
      await stores.queues.delete('output', [answer?.receipt ?? ''])
    }
  })
})

describe('a process killed while it writes', () => {
  test(
    'loses nothing that had answered and leaves nothing half',
    { timeout: 120_000 },
    async () => {
      const acknowledged: number[] = []
      for (let life = 0; life < 5; life += 1) {
        const from = life * 100_000
        const writer = start('stores-write-forever.ts', stores.stateDir, String(from))
        await waitFor('some rounds', () => writer.lines().length > 5 + life)
        await writer.kill()
        acknowledged.push(...writer.lines().map(Number))
      }
      const { rows } = await stores.table.list('rounds', { limit: 1_000 })
      const twins = await stores.table.list('twins', { limit: 1_000 })
      const hits = await stores.table.queryIndex({ index: 'byDue', hash: 'rounds', limit: 1_000 })
      const bodies = new Set((await receiveAllOutput()).map(({ body }) => body))
      const names = rows.map(({ key }) => key.sk)
      expect(new Set(names)).toEqual(new Set(twins.rows.map(({ key }) => key.sk)))
      expect(new Set(names)).toEqual(new Set(hits.hits.map(({ range }) => range)))
      for (const round of acknowledged) {
        const name = String(round)
        expect(names).toContain(name)
        expect(bodies.has(name)).toBe(true)
      }
      const { files } = await stores.files.list('rounds/', { limit: 1_000 })
      const stored = new Set(files.map(({ key }) => key))
      for (const round of acknowledged) expect(stored.has(`rounds/${round}`)).toBe(true)
      for (const { key, bytes, contentType } of files) {
        const name = key.slice('rounds/'.length)
        expect((await stores.files.read(key, 100_000))?.toString()).toBe(name.repeat(1_000))
        expect({ bytes, contentType }).toEqual({
          bytes: name.length * 1_000,
          contentType: 'text/round',
        })
      }
    },
  )
})

describe('a database that another process keeps locked', () => {
  test(
    'makes writes unavailable in bounded time, without stopping this process',
    { timeout: 60_000 },
    async () => {
      const key = { pk: 'busy', sk: 'state' }
      await stores.table.write([{ kind: 'put', key, data: {}, expect: 'any' }])
      const locker = start('stores-hold-lock.ts', join(stores.stateDir, 'state.sqlite'))
      await waitFor('the lock', () => locker.lines().includes('locked'))
      const pauses = watchPauses()
      const startMs = performance.now()
      const writes = await Promise.allSettled([
        ...Array.from({ length: 10 }, () =>
          stores.table.write([{ kind: 'put', key, data: {}, expect: 'any' }]),
        ),
        stores.queues.send('command', [{ body: 'no' }]),
        stores.files.put({ key: 'no', body: 'no' }),
      ])
      const tookMs = performance.now() - startMs
      const longestMs = pauses.stop()
      const reasons = writes.map((write) =>
        write.status === 'rejected' ? write.reason : 'written',
      )
      expect(reasons.every((reason) => reason instanceof PortUnavailable)).toBe(true)
      expect(tookMs).toBeGreaterThan(BUSY_BOUND_MS - 500)
      expect(tookMs).toBeLessThan(BUSY_BOUND_MS * 3)
      expect(longestMs).toBeLessThan(500)
      // Readers are not in the way of a writer, nor it in theirs.
      expect(await stores.table.get(key)).toBeDefined()
      expect(await stores.queues.depth('command')).toEqual({ visible: 0, inFlight: 0, delayed: 0 })
      expect(await stores.files.info('no')).toBeUndefined()
      await locker.kill()
      expect((await stores.table.write([{ kind: 'put', key, data: {}, expect: 'any' }])).ok).toBe(
        true,
      )
    },
  )

  test('is written as soon as it is free again', { timeout: 60_000 }, async () => {
    const locker = start('stores-hold-lock.ts', join(stores.stateDir, 'state.sqlite'))
    await waitFor('the lock', () => locker.lines().includes('locked'))
    const key = { pk: 'free', sk: 'state' }
    const writing = stores.table.write([{ kind: 'put', key, data: {}, expect: 'absent' }])
    await locker.kill()
    expect((await writing).ok).toBe(true)
  })
})

/** Measures the longest time for which the event loop stood still. */
function watchPauses(): { stop: () => number } {
  let longestMs = 0
  let lastMs = performance.now()
  const timer = setInterval(() => {
    const nowMs = performance.now()
    longestMs = Math.max(longestMs, nowMs - lastMs)
    lastMs = nowMs
  }, 5)
  return {
    stop: () => {
      clearInterval(timer)
      return longestMs
    },
  }
}
