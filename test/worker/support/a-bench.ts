import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { randomInt } from 'node:crypto'
import { WORKER_FOLDER } from '../../../lib/registry/package-files.ts'
import { makeIdGenerator } from '../../../lib/job/job-id.ts'
import { isEnded, type Job, toTimestamp } from '../../../lib/job/job.ts'
import { requestCancel } from '../../../lib/job/life/ending.ts'
import { changeJob } from '../../../lib/job/store/change-job.ts'
import { createJob } from '../../../lib/job/store/create-job.ts'
import { readJob } from '../../../lib/job/store/job-row.ts'
import { makeReadyMessage } from '../../../lib/job/store/send-ready.ts'
import { logChunkKey, attemptPrefix } from '../../../lib/job/keys.ts'
import { decodeLogChunk, type LogLine } from '../../../lib/job/log-chunk.ts'
import type { Service } from '../../../lib/service/service.ts'
import { openEmbedded, type Embedded } from '../../../lib/adapters/open-embedded.ts'
import { systemClock } from '../../../lib/adapters/node/system-clock.ts'
import { type Leases, LeaseRenewer, type RenewerDeps } from '../../../worker/beats/lease-renewer.ts'
import { noKick } from '../../../worker/loop/kick.ts'
import { makeBaseEnv } from '../../../worker/command/job-env.ts'
import { makePace } from '../../../worker/loop/pace.ts'
import { runWorker } from '../../../worker/loop/run-worker.ts'
import type { WorkerDeps, WorkerExit } from '../../../worker/loop/worker-deps.ts'
import { aJob } from '../../support/a-job.ts'
import { aService } from '../../support/a-service.ts'
import { waitFor } from '../../support/wait-for.ts'
import { FakeProtection } from './fake-protection.ts'
import { quietLog } from './quiet-log.ts'

/** A worker in this process, against a real embedded store in a folder of its own. */
interface BenchWorker {
  readonly deps: WorkerDeps
  readonly protection: FakeProtection
  readonly exit: Promise<WorkerExit>
  stop(): Promise<WorkerExit>
  abandon(): Promise<WorkerExit>
}

export interface Bench extends Embedded {
  readonly stateDir: string
  readonly root: string
  /** Creates a job and sends its ready message. */
  submit(input: string | Buffer, overrides?: Partial<Job>): Promise<Job>
  startWorker(overrides?: Partial<WorkerDeps>): BenchWorker
  cancel(id: string): Promise<void>
  read(id: string): Promise<Job>
  ended(id: string, withinMs?: number): Promise<Job>
  running(id: string): Promise<Job>
  lines(job: Job, attempt?: number): Promise<LogLine[]>
  text(job: Job, stream?: LogLine['stream'], attempt?: number): Promise<string>
  close(): Promise<void>
}

const BEAT_THREAD = pathToFileURL(join(WORKER_FOLDER, 'beat-thread.js'))
const newId = makeIdGenerator({ now: () => Date.now(), random: Math.random })

/** Leases are renewed by the bundled thread. */
export const makeBenchLeases = (deps: RenewerDeps): Leases => new LeaseRenewer(deps, BEAT_THREAD)

/** Commands only, with beats of 0.2 s. Leases are long enough for a machine with much to do. */
export function aCommandService(overrides: Partial<Service> = {}): Service {
  const service = aService({}, { containers: [{ image: 'digits' }] })
  const timing = { ...service.timing, leaseSeconds: { command: 30, query: 30 } }
  return {
    ...service,
    timing,
    taskTypes: ['command'],
    container: { image: 'digits', env: {}, startSeconds: 10 },
    ...overrides,
  }
}

/** Commands and queries: a model server that is run by `serverCommand`. */
export function aModelService(serverCommand: string, port: number, startSeconds = 10): Service {
  const container = { image: 'digits', serverCommand, port, env: {}, startSeconds }
  return aCommandService({ taskTypes: ['command', 'query'], container })
}

export async function openBench(): Promise<Bench> {
  const root = await mkdtemp(join(tmpdir(), 'worker-test-'))
  const stateDir = join(root, 'state')
  const store = openEmbedded({ stateDir, clock: systemClock })
  const workers: BenchWorker[] = []
  const read = async (id: string): Promise<Job> => {
    const stored = await readJob(store.table, id)
    if (stored === undefined) throw new Error(`no job ${id}`)
    return stored.job
  }
  const lines = async (job: Job, attempt = job.attempt): Promise<LogLine[]> => {
    const all: LogLine[] = []
    for (let chunk = 0; ; chunk += 1) {
      const key = logChunkKey(attemptPrefix(job.id, attempt), chunk)
      const body = await store.files.read(key, 64 * 1_048_576)
      if (body === undefined) return all
      for (const line of decodeLogChunk(body.toString())) all.push(line)
    }
  }
  return {
    ...store,
    stateDir,
    root,
    read,
    lines,
    async submit(input, overrides = {}) {
      const bytes = Buffer.from(input)
      const now = toTimestamp(Date.now())
      const job = aJob({
        id: newId(),
        acceptedAt: now,
        queuedAt: now,
        readyAt: now,
        input: { kind: 'row', bytes: bytes.length },
        limits: { runSeconds: 0, queueSeconds: 0, graceSeconds: 1 },
        checkpointSeconds: 0,
        ...overrides,
      })
      await createJob(store.table, { job, inlineInput: bytes.toString('base64') })
      await store.queues.send(job.taskType, [makeReadyMessage(job)])
      return job
    },
    startWorker(overrides = {}) {
      const worker = startWorker(store, { root, stateDir }, overrides)
      workers.push(worker)
      return worker
    },
    async cancel(id) {
      await changeJob(store.table, { id }, (job) => requestCancel(job, 'test', Date.now()))
    },
    ended: (id, withinMs) =>
      waitFor(
        `job ${id} to end`,
        async () => {
          const job = await read(id)
          return isEnded(job.status) && job
        },
        withinMs,
      ),
    running: (id) =>
      waitFor(`job ${id} to run`, async () => {
        const job = await read(id)
        return job.status === 'running' && job
      }),
    async text(job, stream = 'stdout', attempt = job.attempt) {
      const all = await lines(job, attempt)
      return all
        .filter((line) => line.stream === stream)
        .map((line) => `${line.text}\n`)
        .join('')
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.abandon()))
      await store.close()
      await rm(root, { recursive: true, force: true })
    },
  }
}

function startWorker(
  store: Embedded,
  { root, stateDir }: { root: string; stateDir: string },
  overrides: Partial<WorkerDeps>,
): BenchWorker {
  const stop = new AbortController()
  const abandon = new AbortController()
  const protection = new FakeProtection()
  const workerId = `worker-${randomInt(1_000_000)}`
  const deps: WorkerDeps = {
    service: aCommandService(),
    version: 'v1',
    workerId,
    taskId: `task-${workerId}`,
    ...store,
    protection,
    kick: noKick,
    clock: systemClock,
    pace: makePace({ factor: 0.1 }),
    log: quietLog,
    store: { backend: 'embedded', stateDir },
    makeLeases: makeBenchLeases,
    workRoot: join(root, 'work'),
    baseEnv: makeBaseEnv(process.env, 'machine'),
    stop: stop.signal,
    abandon: abandon.signal,
    ...overrides,
  }
  const exit = runWorker(deps)
  exit.catch(() => undefined)
  return {
    deps,
    protection,
    exit,
    stop: () => {
      stop.abort()
      return exit
    },
    abandon: () => {
      abandon.abort()
      return exit
    },
  }
}
