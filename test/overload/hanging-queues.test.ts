import { afterEach, beforeEach, expect, it } from 'vitest'
import { look } from '../../lib/scaler/look/look.ts'
import { LOCK_MS } from '../../lib/scaler/scaler-state.ts'
import { toTimestamp } from '../../lib/job/job.ts'
import { PortUnavailable } from '../../lib/ports/port-unavailable.ts'
import type { Queues } from '../../lib/ports/queues.ts'
import { type OpenScaler, openScaler } from '../scaler/a-scaler.ts'

/** The bound of one call of a queue on AWS: lib/adapters/aws/aws-settings.ts. */
const CALL_MS = 9000
/** What a look spends on the depth before it takes the lock: lib/scaler/look/sense.ts. */
const DEPTH_MS = 4000
const LOOKS = 8

let scaler: OpenScaler
beforeEach(() => {
  scaler = openScaler()
})
afterEach(async () => {
  await scaler.close()
})

/** Every call takes its whole time and fails. */
function hangingQueues({ clock }: OpenScaler): Queues {
  const hang = async (): Promise<never> => {
    await clock.advance(CALL_MS)
    throw new PortUnavailable('queues', 'call', new Error('no answer'))
  }
  const close = async () => undefined
  return { send: hang, receive: hang, delete: hang, handBack: hang, depth: hang, close }
}

it('queues that hang keep no silent worker from being noticed', async () => {
  const deps = { ...scaler.deps, queues: hangingQueues(scaler) }
  const readyAt = toTimestamp(scaler.clock.now())
  for (let waiting = 0; waiting < 20; waiting += 1) await scaler.addJob({ readyAt })
  const { id } = await scaler.addJob(scaler.runningJob('w1'))
  scaler.fleet.startTask('task-w1')
  await scaler.putWorker({ workerId: 'w1', state: 'busy' })
  for (let each = 0; each < LOOKS; each += 1) {
    const startedAtMs = scaler.clock.now()
    expect(await look(deps, 'clock')).toMatchObject({ kind: 'looked' })
    expect(scaler.clock.now() - startedAtMs - DEPTH_MS).toBeLessThan(LOCK_MS)
    await scaler.clock.advance(1000)
  }
  expect((await scaler.job(id))?.lease).toBeUndefined()
})
