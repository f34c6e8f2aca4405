import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toTimestamp } from '../../lib/job/job.ts'
import { jobKey, WORKERS_PK } from '../../lib/job/keys.ts'
import { readWorkerRow, type WorkerRow } from '../../lib/scaling/worker-row.ts'
import { makeReadyMessage } from '../../lib/job/store/send-ready.ts'
import { PortUnavailable } from '../../lib/ports/port-unavailable.ts'
import { waitFor } from '../support/wait-for.ts'
import { aCommandService, type Bench, openBench } from './support/a-bench.ts'
import { program } from './support/programs.ts'
import { withMethods } from './support/with-methods.ts'

describe('a message', () => {
  let bench: Bench

  beforeEach(async () => {
    bench = await openBench()
  })

  afterEach(async () => {
    await bench.close()
  })

  const ownRow = async (): Promise<WorkerRow | undefined> => {
    const { rows } = await bench.table.list(WORKERS_PK, { limit: 10 })
    const [row] = rows
    return row && readWorkerRow(row.key.sk, row.data)
  }

  const untilEmpty = () =>
    waitFor('the queue to be empty', async () => {
      const { visible, inFlight } = await bench.queues.depth('command')
      return visible + inFlight === 0
    })

  it('that comes three times runs its job once', async () => {
    const job = await bench.submit('echo once')
    await bench.queues.send('command', [makeReadyMessage(job)])
    await bench.queues.send('command', [makeReadyMessage(job)])
    bench.startWorker()
    const ended = await bench.ended(job.id)
    await untilEmpty()
    expect(await bench.read(job.id)).toMatchObject({ attempt: 1 })
    expect(ended.attempts).toHaveLength(1)
  })

  it('goes to one of two workers only', async () => {
    const jobs = await Promise.all(
      [1, 2, 3, 4].map(() => bench.submit('echo $SCALABLE_JOB_ATTEMPT')),
    )
    for (const job of jobs) await bench.queues.send('command', [makeReadyMessage(job)])
    bench.startWorker()
    bench.startWorker()
    for (const { id } of jobs) {
      const ended = await bench.ended(id)
      expect(ended.attempts).toHaveLength(1)
      expect(await bench.text(ended)).toBe('1\n')
    }
    await untilEmpty()
  })

  it('of a job that has ended, vanished, or that is not a ready message, is deleted', async () => {
    const job = await bench.submit('true')
    bench.startWorker()
    await bench.ended(job.id)
    const bodies = [{ jobId: job.id, attempt: 1 }, { jobId: '1', attempt: 1 }, 'nonsense']
    await bench.queues.send(
      'command',
      bodies.map((body) => ({ body: JSON.stringify(body) })),
    )
    await untilEmpty()
    expect(await bench.read(job.id)).toMatchObject({ status: 'succeeded', attempt: 1 })
  })

  it('is handed back, and its job not claimed, when protection is refused', async () => {
    const worker = bench.startWorker()
    worker.protection.answer = 'refused'
    const { id } = await bench.submit('true')
    await waitFor('the ask', () => worker.protection.calls.includes('protect'))
    await waitFor('the hand-back', async () => {
      const { delayed, visible, inFlight } = await bench.queues.depth('command')
      return delayed + visible + inFlight === 1
    })
    expect(await bench.read(id)).toMatchObject({ status: 'queued', attempt: 0 })
    worker.protection.answer = 'granted'
    expect(await bench.ended(id, 30_000)).toMatchObject({ status: 'succeeded', attempt: 1 })
  })

  it('makes the worker busy and protected before its job is claimed', async () => {
    const seen: string[] = []
    const table = withMethods(bench.table, {
      write: async (writes) => {
        for (const write of writes) {
          if (write.kind !== 'put') continue
          const { state, status } = write.data as { state?: string; status?: string }
          seen.push(write.key.pk === WORKERS_PK ? `row ${state}` : `job ${status}`)
        }
        return bench.table.write(writes)
      },
    })
    const worker = bench.startWorker({ table })
    const protect = worker.protection.protect.bind(worker.protection)
    worker.protection.protect = (minutes) => {
      seen.push('protect')
      return protect(minutes)
    }
    const { id } = await bench.submit('true')
    await bench.ended(id)
    const busy = seen.indexOf('row busy')
    const protectedAt = seen.indexOf('protect')
    const claimed = seen.indexOf('job running')
    expect(busy).toBeGreaterThanOrEqual(0)
    expect(protectedAt).toBeGreaterThan(busy)
    expect(claimed).toBeGreaterThan(protectedAt)
  })

  it('leaves the worker protected for a while, then idle and released', async () => {
    const worker = bench.startWorker()
    const { id } = await bench.submit('true')
    await bench.ended(id)
    await waitFor('the release', () => worker.protection.calls.includes('release'))
    const row = await waitFor('the row to say idle', async () => {
      const now = await ownRow()
      return now?.state === 'idle' && now
    })
    expect(row.protectedUntil).toBeUndefined()
    expect(row.slots.command).toEqual({ total: 1, taken: 0 })
  })

  it('waits while a drain order stands, and is taken when the order has expired', async () => {
    bench.startWorker()
    await orderDrain(2500)
    await waitFor('the row to say draining', async () => (await ownRow())?.state === 'draining')
    const { id } = await bench.submit('true')
    expect(await bench.read(id)).toMatchObject({ status: 'queued' })
    expect(await bench.ended(id)).toMatchObject({ status: 'succeeded' })
    expect((await ownRow())?.drain).toBeDefined()
  })

  it('leads to its end a job that expired while it waited', async () => {
    const limits = { runSeconds: 0, queueSeconds: 5, graceSeconds: 1 }
    const acceptedAt = toTimestamp(Date.now() - 60_000)
    const { id } = await bench.submit('true', { limits, acceptedAt })
    bench.startWorker()
    expect((await bench.ended(id)).end).toMatchObject({ reason: 'expired-in-queue' })
    await untilEmpty()
  })

  it('leads to one run when the table does not answer the claim that it has written', async () => {
    let isFirst = true
    const table = withMethods(bench.table, {
      write: async (writes) => {
        const outcome = await bench.table.write(writes)
        const isClaim = writes.some(({ key }) => key.pk.startsWith('job#'))
        if (!isClaim || !isFirst) return outcome
        isFirst = false
        throw new PortUnavailable('table', 'write', 'test')
      },
    })
    bench.startWorker({ table })
    const { id } = await bench.submit('echo here')
    const job = await bench.ended(id)
    expect(job).toMatchObject({ status: 'succeeded', attempt: 1 })
    expect(await bench.text(job)).toBe('here\n')
  })

  it('runs its job once the table answers again, and costs it nothing, where the claim was written', async () => {
    let isAway = false
    let misses = 0
    const miss = (call: string) => {
      misses += 1
      if (misses === 6) isAway = false
      return new PortUnavailable('table', call, 'test')
    }
    const table = withMethods(bench.table, {
      get: (key) => {
        const isJob = key.pk.startsWith('job#')
        return isAway && isJob ? Promise.reject(miss('get')) : bench.table.get(key)
      },
      write: async (writes) => {
        const outcome = await bench.table.write(writes)
        const isClaim = writes.some(({ key }) => key.pk.startsWith('job#'))
        if (!isClaim || misses > 0) return outcome
        isAway = true
        throw miss('write')
      },
    })
    bench.startWorker({ table })
    const { id } = await bench.submit('echo here')
    const job = await bench.ended(id)
    expect(job).toMatchObject({ status: 'succeeded', attempt: 1, lossesUsed: 0 })
    expect(misses).toBe(6)
  })

  it('runs its job also where the table took longer over the claim than the lease lasts', async () => {
    const service = aCommandService()
    const timing = { ...service.timing, leaseSeconds: { command: 0.8, query: 0.8 } }
    let isFirst = true
    const table = withMethods(bench.table, {
      write: async (writes) => {
        const outcome = await bench.table.write(writes)
        const isClaim = writes.some(({ key }) => key.pk.startsWith('job#'))
        if (isClaim && isFirst) {
          isFirst = false
          await sleep(1000)
        }
        return outcome
      },
    })
    bench.startWorker({ table, service: { ...service, timing } })
    const { id } = await bench.submit('echo here')
    expect(await bench.ended(id)).toMatchObject({ status: 'succeeded', attempt: 1 })
  })

  it('is claimed by one write where the table answers at once', async () => {
    const service = aCommandService()
    const timing = { ...service.timing, beatSeconds: 30 }
    const claims: unknown[] = []
    const table = withMethods(bench.table, {
      write: async (writes) => {
        for (const write of writes) {
          if (write.kind === 'put' && write.data['status'] === 'running')
            claims.push(write.data['lease'])
        }
        return bench.table.write(writes)
      },
    })
    bench.startWorker({ table, service: { ...service, timing } })
    const { id } = await bench.submit('true')
    await bench.ended(id)
    expect(claims).toMatchObject([{ beat: 0 }])
  })

  it('tells the output queue how its job ended', async () => {
    bench.startWorker()
    const { id } = await bench.submit(program('exits-3'))
    await bench.ended(id)
    const [message] = await bench.queues.receive('output', {
      max: 1,
      waitSeconds: 10,
      visibilitySeconds: 60,
    })
    expect(JSON.parse(message?.body ?? '{}')).toMatchObject({
      id: `${id}:1:end`,
      kind: 'end',
      status: 'failed',
      exitCode: 3,
    })
    const { data } = (await bench.table.get(jobKey(id))) ?? { data: {} }
    expect(data).not.toHaveProperty('notifyAt')
  })

  async function orderDrain(lastsMs: number): Promise<void> {
    const now = Date.now()
    const drain = {
      reason: 'surplus',
      orderedAt: toTimestamp(now),
      expiresAt: toTimestamp(now + lastsMs),
    }
    await waitFor('the order to be written', async () => {
      const { rows } = await bench.table.list(WORKERS_PK, { limit: 1 })
      const row = rows[0]
      if (row === undefined) return false
      const data = { ...row.data, drain }
      const put = { kind: 'put', key: row.key, data, expect: { rev: row.rev } } as const
      return (await bench.table.write([put])).ok
    })
  }
})
