import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { requestCancel } from '../../lib/job/life/ending.ts'
import { changeJob } from '../../lib/job/store/change-job.ts'
import { readDecisions } from '../../lib/scaling/store/decision-history.ts'
import { look } from '../../lib/scaler/look/look.ts'
import { replay } from '../../lib/scaling/decide.ts'
import { LOOK_SECONDS, type OpenScaler, openScaler } from './a-scaler.ts'

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

describe('the history of decisions', () => {
  it('keeps what changed, counts what did not, and makes each decision again', async () => {
    await looks(3)
    await scaler.addJob()
    await looks(4)
    const records = await readDecisions(scaler.table)
    expect(records.map(({ reason }) => reason)).toEqual([
      'steady',
      'steady',
      'leaving-zero',
      'steady',
    ])
    expect(records.at(-1)?.count).toBe(3)
    const lines = scaler.log.lines.filter((line) => line.startsWith('decided '))
    expect(lines).toHaveLength(records.length)
    expect(lines[2]).toContain('"reason":"leaving-zero"')
    for (const record of records) {
      const { inputs, ...again } = replay(record)!
      expect(record).toMatchObject(again)
      if (record.count === 1) expect(record.inputs).toEqual(inputs)
    }
  })

  it('shows the numbers of the last look under a decision that stands for long', async () => {
    await scaler.addJob()
    await looks(3)
    await scaler.addJob()
    await looks(4)
    const newest = (await readDecisions(scaler.table)).at(-1)
    expect(newest).toMatchObject({
      reason: 'steady',
      inputs: { waiting: { command: 2 }, oldestWaitingSeconds: 60 },
    })
    expect(newest?.count).toBeGreaterThan(3)
  })

  it('shows within a look that nothing waits any more', async () => {
    const service = { ...scaler.deps.service(), taskTypes: ['command'] as const }
    const deps = { ...scaler.deps, service: () => service }
    const { id } = await scaler.addJob({ taskType: 'query' })
    for (let each = 0; each < 3; each += 1) {
      await look(deps, 'clock')
      await scaler.clock.advance(LOOK_SECONDS * 1000)
    }
    await changeJob(scaler.table, { id }, (job) => requestCancel(job, 'me', scaler.clock.now()))
    await look(deps, 'clock')
    const newest = (await readDecisions(scaler.table)).at(-1)
    expect(newest?.inputs.waiting).toEqual({ command: 0, query: 0 })
  })

  it('keeps the last 50', async () => {
    for (let round = 0; round < 30; round += 1) {
      await scaler.addJob()
      await scaler.addJob()
      await looks(1)
      await scaler.fleet.setDesired('a', 0)
    }
    const records = await readDecisions(scaler.table)
    expect(records.length).toBeLessThanOrEqual(50)
    expect(JSON.stringify(records).length).toBeLessThan(200_000)
  })
})
