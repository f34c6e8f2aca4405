import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { look, type LookReport } from '../../lib/scaler/look/look.ts'
import type { ScalerDeps } from '../../lib/scaler/look/scaler-deps.ts'
import { claim } from '../../lib/job/life/attempt.ts'
import { changeJob } from '../../lib/job/store/change-job.ts'
import { toTimestamp } from '../../lib/job/job.ts'
import { interfere, LOOK_SECONDS, type OpenScaler, openScaler } from '../scaler/a-scaler.ts'
import { fillWaiting } from './fill-waiting.ts'

const MINUTE_MS = 60_000

let scaler: OpenScaler
beforeEach(() => {
  scaler = openScaler()
})
afterEach(async () => {
  await scaler.close()
})

async function reapOnce(deps: ScalerDeps = scaler.deps) {
  const report: LookReport = await look(deps, 'clock')
  if (report.kind !== 'looked') throw new Error(report.kind)
  await scaler.clock.advance(LOOK_SECONDS * 1000)
  return report.reaped
}

/** A store of which every write takes so long. */
function slowWrites(ms: number): ScalerDeps {
  const table = interfere(scaler.table, {
    before: async (action) => {
      if (action === 'write') await scaler.clock.advance(ms)
    },
  })
  return { ...scaler.deps, table }
}

async function startJob(id: string): Promise<void> {
  scaler.fleet.startTask('task-w1')
  await scaler.putWorker({ workerId: 'w1', state: 'busy' })
  const by = { workerId: 'w1', taskId: 'task-w1', leaseSeconds: 86_400, attempt: 1 }
  const started = await changeJob(scaler.table, { id }, (job) => claim(job, by, scaler.clock.now()))
  expect(started.ok).toBe(true)
}

const depthOfCommand = async () => (await scaler.queues.depth('command')).visible

describe('jobs that expire in the queue all at once', () => {
  const each = { limits: { runSeconds: 0, queueSeconds: 60, graceSeconds: 30 } }

  it('end over a bounded number of looks, each end told once', async () => {
    const count = 2500
    await fillWaiting(scaler, { count, nowMs: scaler.clock.now(), each })
    await scaler.clock.advance(2 * MINUTE_MS)
    const expired: number[] = []
    while (expired.length < 5) expired.push((await reapOnce()).expired)
    expect(Math.max(...expired)).toBeLessThanOrEqual(1200)
    expect(expired.reduce((sum, one) => sum + one, 0)).toBe(count)
    expect((await scaler.queues.depth('output')).visible).toBe(count)
  })

  it('leave time in the same look for the message of another job, also where writes are slow', async () => {
    const { clock } = scaler
    const readyAt = toTimestamp(clock.now() + MINUTE_MS)
    const { id } = await scaler.addJob({ readyAt })
    await fillWaiting(scaler, { count: 900, nowMs: clock.now(), each })
    await clock.advance(2 * MINUTE_MS)
    const reaped = await reapOnce(slowWrites(100))
    expect(reaped.expired).toBeGreaterThan(10)
    expect(reaped.expired).toBeLessThan(100)
    expect(reaped.resent).toBe(1)
    expect(await scaler.job(id)).toMatchObject({ readySent: 1 })
  })
})

describe('messages of a long queue', () => {
  it('are not sent again for jobs that nobody has got as far as', async () => {
    const { clock } = scaler
    const [first = ''] = await fillWaiting(scaler, { count: 1300, nowMs: clock.now() })
    await startJob(first)
    const before = await depthOfCommand()
    await clock.advance(11 * MINUTE_MS)
    expect(await reapOnce()).toMatchObject({ resent: 0 })
    await reapOnce()
    await reapOnce()
    expect(await depthOfCommand()).toBe(before)
  })

  it('are not sent again while no worker comes at all', async () => {
    const { clock } = scaler
    await fillWaiting(scaler, { count: 1300, nowMs: clock.now() })
    const before = await depthOfCommand()
    await clock.advance(11 * MINUTE_MS)
    for (let each = 0; each < 4; each += 1) expect(await reapOnce()).toMatchObject({ resent: 0 })
    expect(await depthOfCommand()).toBe(before)
  })

  it('are sent again for a job that others have overtaken', async () => {
    const { clock } = scaler
    const ids = await fillWaiting(scaler, { count: 1300, nowMs: clock.now() })
    await startJob(ids[3] ?? '')
    await clock.advance(11 * MINUTE_MS)
    expect(await reapOnce()).toMatchObject({ resent: 3 })
  })

  it('are sent for a job whose first message never went out, however long the queue', async () => {
    const { clock } = scaler
    const [first = ''] = await fillWaiting(scaler, { count: 1300, nowMs: clock.now() })
    await startJob(first)
    const readyAt = toTimestamp(clock.now() + 30_000)
    await scaler.addJob({ id: '3711718195299999999', readyAt })
    await clock.advance(MINUTE_MS)
    expect(await reapOnce()).toMatchObject({ resent: 1 })
  })

  it('are sent again once the queue has grown short, whoever was overtaken', async () => {
    const { clock, queues } = scaler
    const [first = ''] = await fillWaiting(scaler, { count: 1300, nowMs: clock.now() })
    await startJob(first)
    for (let left = await depthOfCommand(); left > 900; left = await depthOfCommand()) {
      const how = { max: 10, waitSeconds: 0, visibilitySeconds: 60 }
      const lost = await queues.receive('command', how)
      await queues.delete(
        'command',
        lost.map(({ receipt }) => receipt),
      )
    }
    await clock.advance(11 * MINUTE_MS)
    expect(await reapOnce()).toMatchObject({ resent: 500 })
  })
})
