import { makeApp } from '../../lib/api/make-app.ts'
import { makeTokenSet } from '../../lib/api/auth/token-set.ts'
import { makeIdGenerator } from '../../lib/job/job-id.ts'
import type { Job } from '../../lib/job/job.ts'
import { jobInputKey, jobKey } from '../../lib/job/keys.ts'
import type { Service } from '../../lib/service/service.ts'
import { openEmbedded } from '../../lib/adapters/open-embedded.ts'
import { systemClock } from '../../lib/adapters/node/system-clock.ts'
import { putJob, toStoredJob } from '../../lib/job/store/job-row.ts'
import type { Clock } from '../../lib/ports/clock.ts'
import type { FleetObservation } from '../../lib/ports/fleet.ts'
import type { Log, LogFields } from '../../lib/ports/log.ts'
import { NOON_MS } from '../support/a-job.ts'
import { aService } from '../support/a-service.ts'
import { FakeClock } from '../support/fake-clock.ts'

export const TOKEN = 'secret-of-default'
export const OTHER_TOKEN = 'secret-of-other'
export const ADMIN_TOKEN = 'secret-of-admin'

interface LogEntry extends Omit<LogFields, 'level' | 'message'> {
  readonly level: string
  readonly message: string
}

interface Options {
  readonly service?: Service
  readonly clock?: Clock
  /** `default` alone unless set. */
  readonly tenants?: 'one' | 'two'
  readonly canStream?: boolean
  /** Replaces ports, to let them fail. */
  readonly ports?: Partial<
    Pick<Parameters<typeof makeApp>[0], 'table' | 'queues' | 'files' | 'fleet'>
  >
}

/** Real time for waits, on a wall clock that stood at noon of the test jobs' day at the start. */
export function clockFromNoon(): Clock {
  const aheadMs = systemClock.now() - NOON_MS
  return {
    now: () => systemClock.now() - aheadMs,
    monotonicMs: () => systemClock.monotonicMs(),
    sleep: (ms, signal) => systemClock.sleep(ms, signal),
  }
}

const FLEET: FleetObservation = {
  sides: { a: { desired: 1, running: 1, pending: 0 }, b: { desired: 0, running: 0, pending: 0 } },
  tasks: [],
  latestVersion: 'v1',
}

/** The whole API over embedded stores, called without a network. */
export function anApi(options: Options = {}) {
  const clock = options.clock ?? new FakeClock(NOON_MS)
  const embedded = openEmbedded({
    stateDir: ':memory:',
    clock,
    links: { baseUrl: 'http://files.test', secret: 'link-secret' },
  })
  const logged: LogEntry[] = []
  let kicks = 0
  const tokens = [{ tenant: 'default', token: TOKEN }]
  if (options.tenants === 'two') tokens.push({ tenant: 'other', token: OTHER_TOKEN })
  tokens.push({ tenant: '*', token: ADMIN_TOKEN })
  const { table, queues, files } = embedded
  const app = makeApp({
    service: options.service ?? aService(),
    table,
    queues,
    files,
    clock,
    fleet: { observe: async () => FLEET },
    ...options.ports,
    kick: {
      kick: async () => {
        kicks += 1
      },
    },
    log: collectLog(logged),
    newId: makeIdGenerator({ now: () => clock.now(), random: () => 0.5 }),
    tokens: () => makeTokenSet(tokens),
    canStream: options.canStream ?? true,
    version: '0.0.0-test',
  })
  const send = async (path: string, init: RequestInit & { token?: string | undefined } = {}) => {
    const { token = TOKEN, ...rest } = init
    const headers = new Headers(rest.headers)
    if (!headers.has('Authorization') && token !== '') headers.set('Authorization', token)
    return app.request(path, { ...rest, headers })
  }
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    send(path, {
      method: 'POST',
      body:
        typeof body === 'string' || body instanceof Uint8Array
          ? (body as string)
          : JSON.stringify(body),
      headers,
    })
  return {
    app,
    table,
    queues,
    files,
    clock,
    logged,
    send,
    post,
    kicks: () => kicks,
    close: () => embedded.close(),
    /** The row of a job, as it stands. */
    row: async (id: string): Promise<Job> => {
      const row = await table.get(jobKey(id))
      if (row === undefined) throw new Error(`no job ${id}`)
      return toStoredJob(row).job
    },
    /** The payload that stands in the table. */
    input: async (id: string): Promise<Buffer | undefined> => {
      const row = await table.get(jobInputKey(id))
      return row && Buffer.from((row.data as { base64: string }).base64, 'base64')
    },
    /** Puts a job's row there, whatever stood before. */
    keep: async (job: Job) => {
      await table.write([putJob(job, 'any')])
    },
    countJobs: async () => {
      const hash = ['queued', 'running', 'succeeded', 'failed', 'canceled']
      const pages = await Promise.all(
        hash.map((status) =>
          table.queryIndex({ index: 'byStatus', hash: `status#${status}`, limit: 1000 }),
        ),
      )
      return pages.reduce((sum, { hits }) => sum + hits.length, 0)
    },
  }
}

export type TestApi = ReturnType<typeof anApi>

function collectLog(entries: LogEntry[], fixed: LogFields = {}): Log {
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}) => {
      entries.push({ ...fixed, ...fields, level, message })
    }
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: (fields) => collectLog(entries, { ...fixed, ...fields }),
  }
}

/** Body of an answer as JSON of whatever shape the test expects. */
export async function readAnswer<T = Record<string, unknown>>(response: Response): Promise<T> {
  return (await response.json()) as T
}
