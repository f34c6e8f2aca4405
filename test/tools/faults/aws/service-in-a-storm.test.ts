import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { look } from '../../../../lib/scaler/look/look.ts'
import type { ScalerDeps } from '../../../../lib/scaler/look/scaler-deps.ts'
import type { StoreSettings } from '../../../../lib/adapters/aws/aws-settings.ts'
import { DynamoTable } from '../../../../lib/adapters/aws/dynamodb/dynamo-table.ts'
import { SqsQueues } from '../../../../lib/adapters/aws/sqs/sqs-queues.ts'
import { type Job, toTimestamp } from '../../../../lib/job/job.ts'
import { requestCancel } from '../../../../lib/job/life/ending.ts'
import { changeJob } from '../../../../lib/job/store/change-job.ts'
import { createJob } from '../../../../lib/job/store/create-job.ts'
import { scalerKey, workerKey } from '../../../../lib/job/keys.ts'
import { systemClock } from '../../../../lib/adapters/node/system-clock.ts'
import { hasEmulators } from '../../../adapters/aws/emulator.ts'
import { anApi, readAnswer } from '../../../api/an-api.ts'
import { openScaler } from '../../../scaler/a-scaler.ts'
import { aJob } from '../../../support/a-job.ts'
import type { Fault } from '../../../../tools/faults/aws/fault.ts'
import type { PlannedFault } from '../../../../tools/faults/aws/fault-plan.ts'
import {
  type AwsStand,
  type FaultyWay,
  openAwsStand,
} from '../../../../tools/faults/aws/open-aws-stand.ts'
import { serverFault, throttled } from '../../../../tools/faults/aws/service-errors.ts'
import { zeroCount } from '../../../../tools/faults/aws/sqs-faults.ts'
import { makeStaleIndex } from '../../../../tools/faults/aws/stale-reads.ts'
import { always } from '../../../../tools/faults/aws/storms.ts'
import { silentEffect } from '../../../../tools/faults/aws/transport-faults.ts'

const LIMITS = {
  table: { tryMs: 300, callMs: 700, maxTries: 1 },
  queues: { tryMs: 300, callMs: 700, maxTries: 2 },
}

describe.skipIf(!hasEmulators)('a service on AWS', () => {
  let stand: AwsStand
  let truth: DynamoTable
  let way: FaultyWay
  let table: DynamoTable
  let queues: SqsQueues

  beforeAll(async () => {
    stand = await openAwsStand()
    truth = openTable(stand.direct)
  })
  afterAll(async () => {
    await truth?.close()
    await stand?.close()
  })
  afterEach(async () => {
    await Promise.all([table.close(), queues.close()])
  })

  async function openPorts(faults: readonly PlannedFault[]): Promise<void> {
    way = await stand.behind(1, faults)
    const settings = { ...way.settings, limits: LIMITS }
    table = openTable(settings)
    queues = new SqsQueues(settings)
  }

  test('answers a submit that was written and never answered with the same job when it comes again', async () => {
    await openPorts(always(only('TransactWriteItems', silentEffect)))
    const api = anApi({ ports: { table, queues }, clock: systemClock })
    const body = { taskType: 'command', command: 'true' }
    const headers = { 'idempotency-key': randomUUID() }
    const first = await api.post('/jobs', body, headers)
    expect(first.status).toBe(503)
    expect(await readAnswer(first)).toMatchObject({ error: { code: 'service-unavailable' } })
    const written = await idsQueued(truth)
    expect(written).toHaveLength(1)
    way.plan.calm()
    const again = await api.post('/jobs', body, headers)
    expect(await readAnswer(again)).toMatchObject({ id: written[0] })
    expect(await idsQueued(truth)).toEqual(written)
    await endAll(truth)
    await api.close()
  })

  describe('scaled', () => {
    let scaler: ReturnType<typeof openScaler>
    let deps: ScalerDeps

    beforeEach(() => {
      scaler = openScaler({ min: 0 })
    })
    afterEach(async () => {
      await scaler.close()
      await forgetScaler(truth)
    })

    async function openDeps(faults: readonly PlannedFault[]): Promise<void> {
      await openPorts(faults)
      deps = { ...scaler.deps, table, queues }
    }

    test('starts a worker for a job that the table has, though the queue counts none', async () => {
      await openDeps(always(zeroCount))
      await addJob(truth, '1')
      await look(deps, 'kick')
      expect(way.proxy.counts.get(zeroCount.kind)).toBeGreaterThan(0)
      expect(scaler.fleet.desired('a')).toBe(1)
      await endAll(truth)
    })

    test('starts a worker for a proven job also where the queue cannot be counted', async () => {
      await openDeps(always(only('GetQueueAttributes', serverFault)))
      await addJob(truth, '2')
      await look(deps, 'kick')
      expect(scaler.fleet.desired('a')).toBe(1)
      await endAll(truth)
    })

    test('starts none for a job that only a stale index still shows', async () => {
      await openDeps(always(makeStaleIndex(Date.now)))
      await addJob(truth, '3')
      await table.queryIndex({ index: 'byStatus', hash: 'status#queued', limit: 1000 })
      await endAll(truth)
      await look(deps, 'clock')
      expect(way.proxy.counts.get('stale index')).toBeGreaterThan(0)
      expect(scaler.fleet.total).toBe(0)
    })

    test('keeps its idle workers while the table does not say what waits', async () => {
      await openDeps([])
      await scaler.fleet.place('a', 'v1')
      await scaler.fleet.setDesired('a', 2)
      for (const workerId of ['w1', 'w2']) {
        scaler.fleet.startTask(`task-${workerId}`)
        await putIdleWorker(truth, workerId, scaler.clock.now())
      }
      way.plan.beginOutage('dynamodb', only('Query', throttled))
      for (let count = 0; count < 2; count += 1) {
        const report = await look(deps, 'clock')
        expect(report).toMatchObject({ kind: 'looked' })
        await scaler.clock.advance(120_000)
      }
      expect(scaler.fleet.desired('a')).toBe(2)
      expect(scaler.fleet.calls.filter((call) => call.startsWith('setDesired'))).toHaveLength(1)
    })
  })
})

/** The fault in calls of one operation alone; every other call goes through. */
function only(action: string, fault: Fault): Fault {
  return {
    ...fault,
    hits: (call) => call.action === action,
    answer: async (call, way) =>
      call.action === action ? fault.answer(call, way) : { untouched: await way.pass() },
  }
}

function openTable(settings: StoreSettings): DynamoTable {
  return new DynamoTable({ settings, newToken: () => randomUUID() })
}

async function addJob(table: DynamoTable, number: string): Promise<void> {
  const at = toTimestamp(Date.parse('2026-01-01T00:00:00.000Z'))
  const times = { acceptedAt: at, queuedAt: at, readyAt: toTimestamp(Date.parse(at) + 600_000) }
  await createJob(table, { job: aJob({ id: `371171819520000000${number}`, ...times }) })
}

async function idsQueued(table: DynamoTable): Promise<string[]> {
  const hits = await table.queryIndex({ index: 'byStatus', hash: 'status#queued', limit: 100 })
  return hits.hits.map(({ range }) => range)
}

async function endAll(table: DynamoTable): Promise<void> {
  for (const id of await idsQueued(table)) {
    await changeJob(table, { id }, (job: Job) => requestCancel(job, 'test', Date.now()))
  }
}

async function forgetScaler(table: DynamoTable): Promise<void> {
  for (const part of ['memory', 'kick', 'decisions'] as const) {
    await table.write([{ kind: 'delete', key: scalerKey(part), expect: 'any' }])
  }
  for (const workerId of ['w1', 'w2']) {
    await table.write([{ kind: 'delete', key: workerKey(workerId), expect: 'any' }])
  }
}

async function putIdleWorker(table: DynamoTable, workerId: string, nowMs: number): Promise<void> {
  const slot = { total: 1, taken: 0 }
  const data = {
    workerId,
    taskId: `task-${workerId}`,
    version: 'v1',
    state: 'idle',
    slots: { command: slot, query: slot },
    jobs: [],
    startedAt: toTimestamp(nowMs),
    beatAt: toTimestamp(nowMs),
    beat: 1,
  }
  await table.write([{ kind: 'put', key: workerKey(workerId), data, expect: 'any' }])
}
