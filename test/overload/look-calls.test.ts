import { afterEach, describe, expect, it } from 'vitest'
import { look } from '../../lib/scaler/look/look.ts'
import type { IndexQuery, Page } from '../../lib/ports/table.ts'
import { interfere, LOOK_SECONDS, type OpenScaler, openScaler } from '../scaler/a-scaler.ts'
import { aJob } from '../support/a-job.ts'
import { putJob } from '../../lib/job/store/job-row.ts'
import { toTimestamp } from '../../lib/job/job.ts'
import { fillWaiting } from './fill-waiting.ts'

const DAY_MS = 86_400_000

let scaler: OpenScaler
afterEach(async () => {
  await scaler.close()
})

interface Calls {
  readonly counts: Readonly<Record<string, number>>
  readonly largestPage: number
}

/** Table calls of the third look: by then nothing is new any more. */
async function callsOfLook(): Promise<Calls> {
  const { deps, clock } = scaler
  for (let each = 0; each < 2; each += 1) {
    await look(deps, 'clock')
    await clock.advance(LOOK_SECONDS * 1000)
  }
  const counts: Record<string, number> = {}
  let largestPage = 0
  const table = interfere(scaler.table, {
    before: (action, detail) => {
      counts[action] = (counts[action] ?? 0) + 1
      if (action === 'queryIndex') largestPage = Math.max(largestPage, (detail as IndexQuery).limit)
      if (action === 'list') largestPage = Math.max(largestPage, (detail as Page).limit ?? 0)
    },
  })
  const report = await look({ ...deps, table }, 'clock')
  expect(report).toMatchObject({ kind: 'looked', failures: [] })
  return { counts, largestPage }
}

async function callsWith(count: number): Promise<Calls> {
  scaler = openScaler()
  await fillWaiting(scaler, { count, nowMs: scaler.clock.now() })
  return callsOfLook()
}

describe('a look', () => {
  it('asks the table as often with 12,000 waiting jobs as with 1,300', async () => {
    const few = await callsWith(1300)
    await scaler.close()
    const many = await callsWith(12_000)
    expect(many).toEqual(few)
    expect(many.largestPage).toBeLessThanOrEqual(1000)
    expect(Object.values(many.counts).reduce((sum, each) => sum + each, 0)).toBeLessThan(40)
  })

  it('reads of the jobs that have ended only those of the last minute', async () => {
    scaler = openScaler()
    const { clock, table } = scaler
    const endedAt = toTimestamp(clock.now())
    const ended = { status: 'succeeded', attempt: 1, endedAt } as const
    for (let from = 0; from < 2000; from += 100) {
      const jobs = Array.from({ length: 100 }, (_, index) => {
        const { readyAt: _none, ...job } = aJob({
          ...ended,
          id: String(10n ** 18n + BigInt(from + index)),
        })
        return job
      })
      await table.write(jobs.map((job) => putJob(job, 'absent')))
    }
    await clock.advance(DAY_MS)
    await scaler.addJob()
    const { counts } = await callsOfLook()
    expect(counts['getMany'] ?? 0).toBeLessThanOrEqual(2)
  })
})
