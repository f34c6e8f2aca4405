import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeApp } from '../../lib/api/make-app.ts'
import { makeTokenSet } from '../../lib/api/auth/token-set.ts'
import { type AttemptOutcome, finish } from '../../lib/job/life/attempt-end.ts'
import { type BeatReport, beat, claim } from '../../lib/job/life/attempt.ts'
import { changeJob } from '../../lib/job/store/change-job.ts'
import { sendEnd } from '../../lib/job/store/send-end.ts'
import type { Change, Job } from '../../lib/job/job.ts'
import { makeIdGenerator } from '../../lib/job/job-id.ts'
import type { Service } from '../../lib/service/service.ts'
import { artifactKey, attemptPrefix, logChunkKey, manifestKey } from '../../lib/job/keys.ts'
import { encodeLogChunk, type LogLine } from '../../lib/job/log-chunk.ts'
import { makeJsonLog } from '../../lib/adapters/node/json-log.ts'
import { openEmbedded } from '../../lib/adapters/open-embedded.ts'
import { serveFileLink } from '../../lib/adapters/folder/serve-file-link.ts'
import { systemClock } from '../../lib/adapters/node/system-clock.ts'
import { type ConnectionLimits, listen } from '../../lib/local/http/listen.ts'
import { makeFront } from '../../lib/local/http/make-front.ts'
import { PrometheusMetrics } from '../../lib/local/http/prometheus-metrics.ts'
import type { Clock } from '../../lib/ports/clock.ts'
import type { FleetObservation } from '../../lib/ports/fleet.ts'
import type { Log } from '../../lib/ports/log.ts'
import { aService } from './a-service.ts'

export const TOKEN = 'live-token'
const WORKER_ID = 'worker-1'
export const LINK_SECRET = 'link-secret'

const FLEET: FleetObservation = {
  sides: {
    a: { version: 'v1', desired: 1, running: 1, pending: 0 },
    b: { desired: 0, running: 0, pending: 0 },
  },
  tasks: [],
  latestVersion: 'v1',
}

export interface LiveApiOptions {
  /** Of the API and its queues. */
  readonly clock?: Clock
  /** The admin's alone unless set. */
  readonly tokens?: readonly { readonly tenant: string; readonly token: string }[]
  readonly log?: Log
  readonly service?: Service
  readonly limits?: ConnectionLimits
}

export type LiveApi = Awaited<ReturnType<typeof aLiveApi>>

/**
 * API, file links and console on a port, over stores in memory. No workers: the test itself plays
 * the worker with the transitions that a worker uses.
 */
export async function aLiveApi(options: LiveApiOptions = {}) {
  const { clock = systemClock } = options
  const { limits } = options
  const listener = await listen({ host: '127.0.0.1', port: 0, ...(limits && { limits }) })
  const links = { baseUrl: listener.url, secret: LINK_SECRET }
  const stores = openEmbedded({ stateDir: ':memory:', clock, links })
  const folder = await mkdtemp(join(tmpdir(), 'scalable-job-live-'))
  const front = openFront(stores, folder, options)
  listener.serve(front)
  return {
    ...stores,
    ...playWorker(stores),
    url: listener.url,
    /** An empty folder for this test. */
    folder,
    /** Answers differently until `recover`. */
    disturb: (handler: Parameters<typeof listener.serve>[0]) => listener.serve(handler),
    recover: () => listener.serve(front),
    front,
    close: async () => {
      await listener.close(0)
      await stores.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

type Stores = ReturnType<typeof openEmbedded>

function openFront(stores: Stores, folder: string, options: LiveApiOptions) {
  const { clock = systemClock } = options
  const log = options.log ?? makeJsonLog({ write: () => undefined, level: 'error' })
  const tokens = makeTokenSet(options.tokens ?? [{ tenant: '*', token: TOKEN }])
  const app = makeApp({
    ...stores,
    service: options.service ?? aService(),
    clock,
    fleet: { observe: async () => FLEET },
    kick: { kick: async () => undefined },
    log,
    newId: makeIdGenerator({ now: () => clock.now(), random: Math.random }),
    tokens: () => tokens,
    canStream: true,
    version: '0.0.0-test',
  })
  const serving = { files: stores.files, clock, secret: LINK_SECRET, uploadDir: folder }
  return makeFront({
    api: (request) => app.fetch(request),
    files: (request) => serveFileLink({ ...serving, newId: randomUUID }, request),
    metrics: new PrometheusMetrics('digits'),
    tokens,
    log,
  })
}

function playWorker(stores: Stores) {
  const { table, files } = stores
  const change = async (id: string, transition: (job: Job) => Change<string>): Promise<Job> => {
    const result = await changeJob(table, { id }, transition)
    if (!result.ok) throw new Error(result.why)
    return result.stored.job
  }
  return {
    /** Claims the job's next attempt. */
    start: (id: string) =>
      change(id, (job) => {
        const by = { workerId: WORKER_ID, taskId: 't1', leaseSeconds: 60, attempt: job.attempt + 1 }
        return claim(job, by, Date.now())
      }),
    report: (id: string, report: BeatReport) =>
      change(id, (job) => beat(job, { workerId: WORKER_ID, attempt: job.attempt }, report)),
    writeLog: async (id: string, chunk: number, lines: readonly Partial<LogLine>[]) => {
      const at = new Date().toISOString()
      const whole = lines.map((line) => ({ stream: 'stdout' as const, at, text: '', ...line }))
      await files.put({
        key: logChunkKey(attemptPrefix(id, 1), chunk),
        body: encodeLogChunk(whole),
      })
    },
    keepArtifact: async (
      id: string,
      {
        path,
        body,
        contentType = 'text/plain',
      }: { path: string; body: string; contentType?: string },
    ) => {
      await files.put({ key: artifactKey(attemptPrefix(id, 1), path), body, contentType })
    },
    keepManifest: async (id: string, listed: readonly object[]) => {
      const key = manifestKey(attemptPrefix(id, 1))
      await files.put({ key, body: JSON.stringify({ files: listed }) })
    },
    /** Ends the attempt: succeeded with exit code 0 unless told otherwise. */
    end: async (id: string, outcome: Partial<AttemptOutcome> = {}) => {
      const job = await change(id, (current) => {
        const holder = { workerId: WORKER_ID, attempt: current.attempt }
        const whole: AttemptOutcome = {
          status: 'succeeded',
          end: { reason: 'completed', message: 'exited with 0', exitCode: 0 },
          prefix: attemptPrefix(id, current.attempt),
          retryable: false,
          ...outcome,
        }
        return finish(current, { holder, outcome: whole }, Date.now())
      })
      const stored = await changeJob(table, { id }, (same) => ({ ok: true, job: same }))
      if (stored.ok) await sendEnd({ ...stores, clock: systemClock }, stored.stored)
      return job
    },
  }
}
