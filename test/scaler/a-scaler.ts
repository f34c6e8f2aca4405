import type { Job } from '../../lib/job/job.ts'
import { toTimestamp } from '../../lib/job/job.ts'
import { workerKey, WORKERS_PK } from '../../lib/job/keys.ts'
import type { ScalingPolicy } from '../../lib/scaling/scaling-policy.ts'
import type { WorkerRow } from '../../lib/scaling/worker-row.ts'
import { openEmbedded } from '../../lib/adapters/open-embedded.ts'
import { createJob } from '../../lib/job/store/create-job.ts'
import { readJob } from '../../lib/job/store/job-row.ts'
import type { JsonObject } from '../../lib/ports/json.ts'
import type { Log, LogFields } from '../../lib/ports/log.ts'
import type { MetricSample, Metrics } from '../../lib/ports/metrics.ts'
import { PortUnavailable } from '../../lib/ports/port-unavailable.ts'
import type { QueueName } from '../../lib/ports/queues.ts'
import type { Table } from '../../lib/ports/table.ts'
import { look } from '../../lib/scaler/look/look.ts'
import type { ScalerDeps } from '../../lib/scaler/look/scaler-deps.ts'
import { aJob } from '../support/a-job.ts'
import { aService } from '../support/a-service.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeFleet } from '../support/fake-fleet.ts'
import { aPolicy } from '../scaling/an-observation.ts'

export const LOOK_SECONDS = 10
const FIRST_ID = 3_711_718_195_200_000_000n

class RecordingMetrics implements Metrics {
  readonly samples: MetricSample[] = []

  async emit(samples: readonly MetricSample[]): Promise<void> {
    this.samples.push(...samples)
  }

  sum(name: MetricSample['name']): number {
    const values = this.samples.filter((sample) => sample.name === name)
    return values.reduce((sum, { value }) => sum + value, 0)
  }
}

export class RecordingLog implements Log {
  readonly lines: string[] = []
  readonly #record = (message: string, fields?: LogFields) => {
    this.lines.push(`${message} ${JSON.stringify(fields ?? {})}`)
  }

  debug = this.#record
  info = this.#record
  warn = this.#record
  error = this.#record

  with(): Log {
    return this
  }
}

/** Queues that take no message. */
export function withoutSend({ queues }: OpenScaler, onSend?: () => void): OpenScaler['queues'] {
  return Object.assign(Object.create(queues) as typeof queues, {
    send: () => {
      onSend?.()
      return Promise.reject(new PortUnavailable('queues', 'send', new Error('away')))
    },
  })
}

/** Looks by the clock, each followed by a look period. */
export async function lookOften(
  { clock, deps: ofScaler }: OpenScaler,
  count: number,
  deps: ScalerDeps = ofScaler,
): Promise<void> {
  for (let each = 0; each < count; each += 1) {
    await look(deps, 'clock')
    await clock.advance(LOOK_SECONDS * 1000)
  }
}

/** A scaler over the embedded stores, a fleet in memory and a clock turned by hand. */
export function openScaler(policy: Partial<ScalingPolicy> = {}) {
  const clock = new FakeClock()
  const stores = openEmbedded({ stateDir: ':memory:', clock })
  const fleet = new FakeFleet()
  const metrics = new RecordingMetrics()
  const log = new RecordingLog()
  const { timing } = aService()
  const service = aService({
    scaling: aPolicy(policy),
    timing: { ...timing, lookSeconds: LOOK_SECONDS },
  })
  const deps: ScalerDeps = {
    ...stores,
    service: () => service,
    fleet,
    metrics,
    clock,
    log,
    owner: 'one',
  }
  const table = stores.table
  let number = 0n
  return {
    ...stores,
    clock,
    fleet,
    metrics,
    log,
    deps,
    /** A job as it is right after it was accepted; `readyAt` leaves its message to the submit. */
    async addJob(overrides: Partial<Job> = {}): Promise<Job> {
      const at = toTimestamp(clock.now())
      const times = { acceptedAt: at, queuedAt: at, readyAt: toTimestamp(clock.now() + 600_000) }
      const job = aJob({ id: String(FIRST_ID + (number += 1n)), ...times, ...overrides })
      await createJob(table, { job })
      return job
    },
    /** A job that a worker runs. */
    runningJob(workerId: string, overrides: Partial<Job> = {}): Partial<Job> {
      const lease = {
        workerId,
        taskId: `task-${workerId}`,
        beat: 5,
        grantedAt: toTimestamp(clock.now()),
        leaseSeconds: 30,
      }
      return {
        status: 'running',
        attempt: 1,
        startedAt: toTimestamp(clock.now()),
        lease,
        ...overrides,
      }
    },
    job: async (id: string): Promise<Job | undefined> => (await readJob(table, id))?.job,
    putWorker: (row: Partial<WorkerRow> & { readonly workerId: string }) =>
      putWorker(table, row, clock.now()),
    /** Every worker writes its row once more, as it does each beat. */
    async beatWorkers(): Promise<void> {
      const { rows } = await table.list(WORKERS_PK, { limit: 100 })
      for (const { key, data } of rows) {
        const row = data as unknown as WorkerRow
        const next = { ...row, beat: row.beat + 1 } as unknown as JsonObject
        await table.write([{ kind: 'put', key, data: next, expect: 'any' }])
      }
    },
    async worker(workerId: string): Promise<WorkerRow | undefined> {
      return (await table.get(workerKey(workerId)))?.data as unknown as WorkerRow | undefined
    },
    /** Bodies of all messages that stand in a queue. */
    async messages(queue: QueueName): Promise<unknown[]> {
      const how = { max: 10, waitSeconds: 0, visibilitySeconds: 0 }
      const received = await stores.queues.receive(queue, how)
      return received.map(({ body }) => JSON.parse(body) as unknown)
    },
  }
}

export type OpenScaler = ReturnType<typeof openScaler>

async function putWorker(
  table: Table,
  row: Partial<WorkerRow> & { readonly workerId: string },
  nowMs: number,
): Promise<void> {
  const full: WorkerRow = {
    taskId: `task-${row.workerId}`,
    version: 'v1',
    state: 'idle',
    slots: { command: { total: 1, taken: row.jobs?.length ?? 0 }, query: { total: 5, taken: 0 } },
    jobs: [],
    startedAt: toTimestamp(nowMs),
    beatAt: toTimestamp(nowMs),
    beat: 1,
    ...row,
  }
  const data = full as unknown as JsonObject
  await table.write([{ kind: 'put', key: workerKey(row.workerId), data, expect: 'any' }])
}

/** A table of which some calls fail, or wait until they are let go. */
export function interfere(
  table: Table,
  hooks: { readonly before?: (action: string, detail: unknown) => Promise<void> | void },
): Table {
  const call =
    <Args extends unknown[], T>(action: string, run: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      await hooks.before?.(action, args[0])
      return run(...args)
    }
  return {
    get: call('get', (key) => table.get(key)),
    getMany: call('getMany', (keys) => table.getMany(keys)),
    list: call('list', (pk, page) => table.list(pk, page)),
    queryIndex: call('queryIndex', (query) => table.queryIndex(query)),
    write: call('write', (writes) => table.write(writes)),
    close: () => table.close(),
  } satisfies Table
}
