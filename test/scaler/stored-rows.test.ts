import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { scalerKey, workerKey } from '../../lib/job/keys.ts'
import { putJob } from '../../lib/job/store/job-row.ts'
import type { JsonObject } from '../../lib/ports/json.ts'
import { look } from '../../lib/scaler/look/look.ts'
import { readState } from '../../lib/scaler/scaler-state.ts'
import { toStoredWorker } from '../../lib/scaler/stored-worker.ts'
import { readDecisions } from '../../lib/scaling/store/decision-history.ts'
import { aJob } from '../support/a-job.ts'
import { storedRows, toRow } from '../support/stored-rows.ts'
import { LOOK_SECONDS, lookOften, openScaler, type OpenScaler } from './a-scaler.ts'

let scaler: OpenScaler
beforeEach(() => {
  scaler = openScaler()
})
afterEach(() => scaler.close())

const put = (key: { pk: string; sk: string }, data: JsonObject) =>
  scaler.table.write([{ kind: 'put', key, data, expect: 'any' }])

describe.each([0, 1] as const)('rows of format %d', (format) => {
  it('of workers are read', () => {
    for (const row of storedRows('workers', format)) {
      const { format: _format, ...same } = row.data
      expect(toStoredWorker(toRow(row))).toEqual({ row: same, rev: 7 })
    }
  })

  it('of the scaler keep its memory', async () => {
    await scaler.table.write(storedRows('scaler', format))
    const { state, unread } = await readState(scaler.table)
    expect(unread).toBeUndefined()
    // In format 0 the reaper's memory has another form: it begins anew, which proves no silence.
    const { beats = {} } = state.reaper['running-jobs'] ?? {}
    expect(Object.keys(beats)).toHaveLength(format)
    expect(state).toMatchObject({
      lockNumber: 8,
      scaling: { wanted: 1, liveSide: 'a' },
      last: { inputs: { asked: { avg_waiting_length: 1, target_wait_seconds: 1 } } },
    })
    expect(state).not.toHaveProperty('sweep')
  })

  it('of the scaler tell the decisions that were made', async () => {
    await scaler.table.write(storedRows('scaler', format))
    const decisions = await readDecisions(scaler.table)
    expect(decisions.map(({ reason }) => reason)).toEqual(['steady', 'leaving-zero', 'at-max'])
    expect(decisions.every(({ inputs }) => 'avg_waiting_length' in inputs.asked)).toBe(true)
  })

  it('of jobs that wait are found when their message is due, and sent', async () => {
    const queued = storedRows('jobs', format).filter(({ data }) => data['status'] === 'queued')
    await scaler.table.write(queued)
    await scaler.clock.advance(Date.parse('2026-11-30T18:00:00.000Z') - scaler.clock.now())
    expect(await look(scaler.deps, 'clock')).toMatchObject({ reaped: { resent: 2 }, failures: [] })
    expect(await scaler.messages('command')).toHaveLength(2)
    for (const { key } of queued) {
      const job = await scaler.job(key.pk.slice('job#'.length))
      expect(Date.parse(job?.readyAt ?? '')).toBeGreaterThan(scaler.clock.now())
    }
  })

  it('of jobs that run are given up when their worker is gone', async () => {
    const running = storedRows('jobs', format).filter(({ data }) => data['status'] === 'running')
    await scaler.table.write(running)
    await lookOften(scaler, 300 / LOOK_SECONDS + 2)
    const [id] = running.map(({ key }) => key.pk.slice('job#'.length))
    expect(await scaler.job(id ?? '')).toMatchObject({
      status: 'queued',
      lossesUsed: 1,
      attempts: [{ reason: 'worker-lost' }],
    })
  })
})

describe('rows that this version does not know', () => {
  const newer = (id: string, status: 'queued' | 'running') => {
    const write = putJob(aJob({ id, status }), 'any')
    return { ...write, data: { ...write.data, format: 2 } }
  }

  it('are left as they are, and every other job goes on', async () => {
    const waiting = newer('3711718195200000900', 'queued')
    await scaler.table.write([waiting])
    const due = await scaler.addJob({ readyAt: '2026-01-01T00:00:00.000Z' })
    expect(await look(scaler.deps, 'clock')).toMatchObject({ reaped: { resent: 1 } })
    expect(await scaler.messages('command')).toEqual([{ jobId: due.id, attempt: 1 }])
    expect(await scaler.table.get(waiting.key)).toMatchObject({ rev: 1, data: waiting.data })
    expect(scaler.log.lines.join('\n')).toContain(`row of job 3711718195200000900 cannot be read`)
  })

  it('may name the worker of a running job: nobody counts as one without a job', async () => {
    await scaler.fleet.place('a', 'v1')
    scaler.fleet.startTask('task-w1')
    const busy = { workerId: 'w1', state: 'busy' } as const
    await scaler.putWorker(busy)
    await lookOften(scaler, 2)
    expect((await readState(scaler.table)).state.reaper['running-jobs']?.withoutLease).toEqual([
      'w1',
    ])
    await scaler.table.write([newer('3711718195200000900', 'running')])
    await lookOften(scaler, 2)
    expect(
      (await readState(scaler.table)).state.reaper['running-jobs']?.withoutLease,
    ).toBeUndefined()
  })

  it('of workers make the workers unseen, and nothing is lowered', async () => {
    await scaler.addJob()
    await lookOften(scaler, 1)
    const { total } = scaler.fleet
    expect(total).toBe(1)
    await put(workerKey('w1'), { format: 2 })
    await scaler.clock.advance(600_000)
    const report = await look(scaler.deps, 'clock')
    expect(report).toMatchObject({ decision: { inputs: { unseen: ['workers'] } } })
    expect(scaler.fleet.total).toBe(total)
  })

  it('of the scaler cost it no more than its memory', async () => {
    const lock = { owner: 'newer', number: 41, untilMs: scaler.clock.now() + 5000 }
    await put(scalerKey('memory'), { format: 2, lock, lockNumber: 41 })
    await put(scalerKey('decisions'), { format: 2, decisions: [{ what: 'else' }] })
    expect(await look(scaler.deps, 'clock')).toEqual({ kind: 'locked' })
    await scaler.clock.advance(5000)
    expect(await look(scaler.deps, 'clock')).toMatchObject({ kind: 'looked', failures: [] })
    expect((await readState(scaler.table)).state.lockNumber).toBeGreaterThan(41)
    expect((await readDecisions(scaler.table)).map(({ cause }) => cause)).toEqual([
      'clock',
      'clock',
    ])
    expect(scaler.log.lines.join('\n')).toContain('the scaler begins without memory')
  })
})
