import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { toTimestamp } from '../../../lib/job/job.ts'
import { systemClock } from '../../../lib/adapters/node/system-clock.ts'
import { LeaseRenewer } from '../../../worker/beats/lease-renewer.ts'
import { makePace } from '../../../worker/loop/pace.ts'
import { aJob } from '../../support/a-job.ts'
import { quietLog } from '../support/quiet-log.ts'

const PROGRAM = new URL('../../fixtures/programs/fragile-beat-thread.mjs', import.meta.url)

describe('the thread that renews leases', () => {
  let leases: LeaseRenewer | undefined

  afterEach(async () => {
    await leases?.close()
  })

  it('is started again when it breaks, and goes on with the leases that it had', async () => {
    leases = new LeaseRenewer(
      {
        store: { backend: 'embedded', stateDir: 'unused' },
        beatSeconds: 1,
        workerId: 'w1',
        clock: systemClock,
        pace: makePace({ factor: 0.01 }),
        log: quietLog,
        onChange: () => undefined,
      },
      PROGRAM,
    )
    const lease = {
      workerId: 'w1',
      taskId: 't1',
      leaseSeconds: 60,
      beat: 0,
      grantedAt: toTimestamp(0),
    }
    const job = aJob({ status: 'running', attempt: 1, lease })
    const watch = leases.watch({ job, rev: 1 }, systemClock.monotonicMs())
    const [first] = (await once(watch, 'renewed')) as [number]
    const renewedAgain = once(watch, 'renewed')
    watch.report({}) // at which this thread breaks
    const [second] = (await renewedAgain) as [number]
    expect(second).toBeGreaterThan(first)
    expect(leases.isUp).toBe(true)
  })
})
