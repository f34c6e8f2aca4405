import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toTimestamp } from '../../lib/job/job.ts'
import { PortUnavailable } from '../../lib/ports/port-unavailable.ts'
import { look } from '../../lib/scaler/look/look.ts'
import type { ScalerDeps } from '../../lib/scaler/look/scaler-deps.ts'
import type { WorkerRow } from '../../lib/scaling/worker-row.ts'
import { interfere, LOOK_SECONDS, type OpenScaler, openScaler } from './a-scaler.ts'

let scaler: OpenScaler
/** The service after a deploy that took the port away: commands only. */
let deps: ScalerDeps

/** Looks for which a type has to be without takers. */
const GRACE_LOOKS = 30

beforeEach(() => {
  scaler = openScaler()
  scaler.fleet.latestVersion = 'v2'
  const service = { ...scaler.deps.service(), taskTypes: ['command'] as const, version: 'v2' }
  deps = { ...scaler.deps, service: () => service }
})
afterEach(async () => {
  await scaler.close()
})

async function looks(count: number, using = deps): Promise<void> {
  for (let each = 0; each < count; each += 1) {
    await look(using, 'clock')
    await scaler.clock.advance(LOOK_SECONDS * 1000)
  }
}

const addQuery = (overrides = {}) => scaler.addJob({ taskType: 'query', ...overrides })
const status = async (id: string) => (await scaler.job(id))?.status

describe('a queued job of a type that nobody takes any more', () => {
  it('ends as not-served after a grace, starts no worker, and tells its end', async () => {
    const { id } = await addQuery()
    const command = await scaler.addJob()
    await looks(GRACE_LOOKS)
    expect(await status(id)).toBe('queued')
    expect(scaler.fleet.total).toBe(1)
    await looks(1)
    expect(await scaler.job(id)).toMatchObject({ status: 'failed', end: { reason: 'not-served' } })
    expect(await scaler.messages('output')).toMatchObject([{ jobId: id, reason: 'not-served' }])
    expect(await status(command.id)).toBe('queued')
    expect(scaler.log.lines.join()).toContain('nobody takes its type')
  })

  it('waits while a worker of the old version still takes its type, and no longer', async () => {
    scaler.fleet.startTask('task-old')
    await scaler.putWorker({ workerId: 'old', version: 'v1' })
    const { id } = await addQuery()
    const blind = interfere(scaler.table, {
      before: (action, detail) => {
        // Keeps the drain order from being written, as a table that fails just then would.
        if (action !== 'write') return
        const text = JSON.stringify(detail)
        if (text.includes('"drain"') && text.includes('"workers"') && !text.includes('scaler')) {
          throw new PortUnavailable('table', action, new Error('away'))
        }
      },
    })
    await looks(GRACE_LOOKS + 5, { ...deps, table: blind })
    expect(await status(id)).toBe('queued')
    const drain = {
      reason: 'old-version',
      orderedAt: toTimestamp(scaler.clock.now()),
      expiresAt: toTimestamp(scaler.clock.now() + 86_400_000),
    } as const
    await scaler.putWorker({ workerId: 'old', version: 'v1', state: 'draining', drain })
    await looks(GRACE_LOOKS)
    expect(await status(id)).toBe('queued')
    await looks(1)
    expect(await status(id)).toBe('failed')
  })

  it('is not held up by workers of this version, whatever slots they name', async () => {
    scaler.fleet.latestVersion = 'worker-2'
    scaler.fleet.startTask('task-new')
    const { id } = await addQuery()
    for (let round = 0; round <= GRACE_LOOKS; round += 1) {
      await scaler.putWorker({ workerId: 'new', version: 'worker-2', beat: round, state: 'busy' })
      await looks(1)
    }
    expect(await status(id)).toBe('failed')
  })

  it('is kept when the service takes its type again in time', async () => {
    const { id } = await addQuery()
    await looks(GRACE_LOOKS - 1)
    await looks(1, scaler.deps)
    await looks(GRACE_LOOKS)
    expect(await status(id)).toBe('queued')
  })

  it('has its own grace when it became queued only now', async () => {
    await addQuery()
    await looks(GRACE_LOOKS)
    const late = await addQuery({ attempt: 1, queuedAt: toTimestamp(scaler.clock.now()) })
    await looks(2)
    expect(await status(late.id)).toBe('queued')
  })

  it('is never ended by looks that could not see, nor after an absence of the scaler', async () => {
    const { id } = await addQuery()
    const blind = interfere(scaler.table, {
      before: (action) => {
        if (action === 'list') throw new PortUnavailable('table', action, new Error('away'))
      },
    })
    await looks(GRACE_LOOKS + 5, { ...deps, table: blind })
    await looks(2)
    expect(await status(id)).toBe('queued')
    scaler.clock.jump(86_400_000)
    await looks(2)
    expect(await status(id)).toBe('queued')
  })

  it('ends where the service names its type but has no slot for it', async () => {
    const { slots } = deps.service()
    const service = { ...scaler.deps.service(), slots: { ...slots, query: 0 } }
    const { id } = await addQuery()
    await looks(GRACE_LOOKS + 1, { ...deps, service: () => service })
    expect(await status(id)).toBe('failed')
  })

  it.each([
    [
      'takes no query itself',
      { slots: { command: { total: 1, taken: 0 }, query: { total: 0, taken: 0 } } },
      'failed',
    ],
    ['has a drain order that has lapsed', { isLapsed: true }, 'queued'],
    ['is of the version of service.json', { version: 'v2' }, 'failed'],
  ] as readonly [string, Partial<WorkerRow> & { readonly isLapsed?: true }, string][])(
    'beside a worker that %s: %o: %s',
    async (_name, { isLapsed, ...row }, expected) => {
      scaler.fleet.latestVersion = 'worker-2'
      scaler.fleet.startTask('task-old')
      const { id } = await addQuery()
      const at = toTimestamp(scaler.clock.now())
      const drain = { reason: 'surplus', orderedAt: at, expiresAt: at } as const
      for (let round = 0; round <= GRACE_LOOKS; round += 1) {
        const order = isLapsed ? { drain } : {}
        await scaler.putWorker({
          workerId: 'old',
          version: 'v1',
          beat: round,
          state: 'busy',
          ...order,
          ...row,
        })
        await looks(1)
      }
      expect(await status(id)).toBe(expected)
    },
  )
})
