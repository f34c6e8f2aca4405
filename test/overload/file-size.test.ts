import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Embedded, openEmbedded } from '../../lib/adapters/open-embedded.ts'
import { FakeClock } from '../support/fake-clock.ts'

const ROUNDS = 6
const DAY_MS = 86_400_000

let stateDir: string
let clock: FakeClock
let stores: Embedded
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'scalable-job-size-'))
  clock = new FakeClock()
  stores = openEmbedded({ stateDir, clock })
})
afterEach(async () => {
  await stores.close()
  rmSync(stateDir, { recursive: true, force: true })
})

function databasePages(): number {
  const database = new DatabaseSync(join(stateDir, 'state.sqlite'), { readOnly: true })
  const pages = Number(database.prepare('PRAGMA page_count').get()?.['page_count'])
  database.close()
  return pages
}

/** Pages of the file after each of a few rounds. */
async function pagesOver(round: (number: number) => Promise<void>): Promise<number[]> {
  const pages: number[] = []
  for (let number = 0; number < ROUNDS; number += 1) {
    await round(number)
    pages.push(databasePages())
  }
  return pages
}

describe('the database file', () => {
  it('does not grow with messages that come and go: their room is used again', async () => {
    const { queues } = stores
    const bodies = Array.from({ length: 2000 }, () => ({ body: 'x'.repeat(500) }))
    const how = { max: 10, waitSeconds: 0, visibilitySeconds: 60 }
    const [first = 0, ...later] = await pagesOver(async () => {
      await queues.send('output', bodies)
      for (let left = bodies.length; left > 0; left -= 10) {
        const received = await queues.receive('output', how)
        await queues.delete(
          'output',
          received.map(({ receipt }) => receipt),
        )
      }
    })
    expect(first).toBeGreaterThan(100)
    expect(Math.max(...later)).toBeLessThanOrEqual(first * 1.1)
  })

  it('does not grow with rows whose time to live has passed', async () => {
    const { table } = stores
    const pages = await pagesOver(async (number) => {
      for (let from = 0; from < 1000; from += 100) {
        const rows = Array.from({ length: 100 }, (_, index) => ({
          kind: 'put' as const,
          key: { pk: `job#${number}-${from + index}`, sk: 'state' },
          data: { text: 'x'.repeat(500) },
          expect: 'absent' as const,
          expiresAtMs: clock.now() + DAY_MS,
        }))
        await table.write(rows)
        await clock.advance(1000)
      }
      await clock.advance(2 * DAY_MS)
    })
    // Old rows go beside the writes that come after them, 200 a second.
    expect(Math.max(...pages)).toBeLessThanOrEqual((pages[0] ?? 0) * 2.2)
  })
})
