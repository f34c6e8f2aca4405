/**
 * The life of a worker:
 *
 *     starting ──init command done, model server answers──► idle ⇄ busy
 *        │                                                   │
 *        └── three failed starts ──► exit 1                  └── SIGTERM ──► draining ──► exit 0
 *
 * A drain order of the scaler makes it `draining` too, but it stays, and goes back to work when the
 * order expires. What happens to a job is in `take-message.ts` and `run-job.ts`, the end of the
 * worker in `drain.ts`.
 */
import { mkdir } from 'node:fs/promises'
import type { EndDetail, TaskType } from '../../lib/job/job.ts'
import { removeOrphanedFolders, workerFolder } from '../run/attempt-folder.ts'
import { drain } from './drain.ts'
import { failWaitingJobs } from './fail-waiting-jobs.ts'
import { keepRow } from '../row/keep-row.ts'
import { RunningWorker } from './running-worker.ts'
import { ForeignModel } from '../query/foreign-model.ts'
import type { Model } from '../query/model.ts'
import { ModelServer } from '../query/model-server.ts'
import { whyNoOtherUser } from '../command/job-users.ts'
import { Receiver } from './receiver.ts'
import { runInitCommand } from '../command/run-init-command.ts'
import { makeServiceEnv } from '../command/job-env.ts'
import type { WorkerDeps, WorkerExit } from './worker-deps.ts'

/** Failed starts in a row after which the worker leaves, so that the fleet starts another. */
const MAX_FAILED_STARTS = 3
const INIT_RETRY_MS = 1000

/**
 * Runs a worker until it is told to stop, or cannot work.
 *
 * @throws PortUnavailable when the table cannot be reached at the start
 */
export async function runWorker(deps: WorkerDeps): Promise<WorkerExit> {
  await removeOrphanedFolders(deps.workRoot)
  const worker = new RunningWorker(deps, workerFolder(deps.workRoot, deps.workerId))
  const { row, rowTimer, parts } = worker
  try {
    await row.write()
    deps.log.info('worker started', { version: deps.service.version })
    const beatSeconds = deps.service.timing.beatSeconds
    const { clock, log } = deps
    const keeping = { row, timer: rowTimer, clock, log, beatSeconds }
    worker.background(keepRow(keeping, worker.ending.signal))
    worker.background(parts.keeper.run(worker.ending.signal))
    return await work(worker)
  } finally {
    await worker.close()
    deps.log.info('worker stopped')
  }
}

async function work(worker: RunningWorker): Promise<WorkerExit> {
  const { deps, guards } = worker.parts
  if (deps.service.taskTypes.includes('command')) guards.prepare()
  const receiving = startReceivers(worker)
  try {
    const why = await Promise.race([untilStopped(worker), untilUnable(worker)])
    return why === 'stopped' ? { code: 0, why } : { code: 1, why }
  } finally {
    worker.noteEnding()
    await drain(worker, receiving)
  }
}

function startReceivers(worker: RunningWorker): Promise<void> {
  const { parts, readiness, acker } = worker
  for (const taskType of parts.deps.service.taskTypes) {
    const isReady = (): boolean => readiness.isReadyFor(taskType)
    worker.receivers.push(new Receiver({ parts, acker, taskType, isReady }))
  }
  const loops = worker.receivers.map((receiver) => receiver.run(worker.receiving.signal))
  return Promise.all(loops).then(() => acker.close())
}

function untilStopped({ parts, isStopping }: RunningWorker): Promise<'stopped'> {
  const { stop, abandon } = parts.deps
  return new Promise((resolve) => {
    const settle = (): void => resolve('stopped')
    if (isStopping) settle()
    for (const signal of [stop, abandon]) signal.addEventListener('abort', settle, { once: true })
  })
}

type Unable = Exclude<WorkerExit['why'], 'stopped'>

/** Resolves only when this worker cannot do its work and nothing runs in it. */
async function untilUnable(worker: RunningWorker): Promise<Unable> {
  const { readiness } = worker
  await mkdir(worker.parts.folder, { recursive: true })
  const env = await makeEnv(worker)
  const failure = await initialize(worker, env)
  if (worker.isStopping) return never()
  if (failure !== undefined) {
    const end = { reason: 'init-failed', message: failure } as const
    for (const taskType of worker.parts.deps.service.taskTypes) {
      await failWaiting(worker, { taskType, end })
    }
    return 'init-failed'
  }
  readiness.model = startModel(worker, env)
  readiness.setInitialized()
  return watchModel(worker)
}

/** The worker is told to stop anyway. */
function never(): Promise<never> {
  return new Promise(() => undefined)
}

type Env = Readonly<Record<string, string>>

/** Of the programs of the service, as long as the worker lives. */
async function makeEnv({ parts: { deps, credentials } }: RunningWorker): Promise<Env> {
  const held = await credentials.open({ kind: 'service', workerId: deps.workerId })
  return makeServiceEnv({ ...deps, credentialEnv: held.env })
}

/** What went wrong, or nothing. */
async function initialize(worker: RunningWorker, env: Env): Promise<string | undefined> {
  const { deps, guards, folder } = worker.parts
  const cwd = deps.serviceDir ?? folder
  const { signal } = worker.receiving
  const mistake = whyNoOtherUser(deps.jobUser)
  if (mistake !== undefined) return mistake
  for (let tries = 1; ; tries += 1) {
    const failure = await runInitCommand(deps, { guards, cwd, env, signal })
    if (failure === undefined || worker.isStopping) return failure
    if (tries === MAX_FAILED_STARTS) return `the init command failed ${tries} times: ${failure}`
    deps.log.warn('init command failed', { failure, tries })
    worker.readiness.setNote(`the init command failed: ${failure}`)
    await deps.clock.sleep(INIT_RETRY_MS * tries, signal)
  }
}

function startModel(worker: RunningWorker, env: Env): Model | undefined {
  const { deps, guards, folder } = worker.parts
  const { port, clock, log, service } = deps
  const { serverCommand: command, startSeconds } = service.container
  const onChange = (): void => worker.announce()
  if (deps.makeModel !== undefined) return deps.makeModel(onChange)
  if (port === undefined) return undefined
  if (command === undefined) return new ForeignModel({ port, startSeconds, clock, onChange })
  const cwd = deps.serviceDir ?? folder
  return new ModelServer({ command, cwd, env, port, startSeconds, guards, clock, log, onChange })
}

/** After each failed start from the third on; while commands run here, the worker stays. */
async function watchModel(worker: RunningWorker): Promise<Unable> {
  const { parts, readiness } = worker
  let seen = 0
  while (!worker.isStopping) {
    await worker.modelTimer.wait(60_000)
    const { failedStarts = 0, note = '' } = readiness.model ?? {}
    if (failedStarts === seen) continue
    seen = failedStarts
    if (failedStarts < MAX_FAILED_STARTS) continue
    const message = `after ${failedStarts} starts: ${note}`
    await failWaiting(worker, { taskType: 'query', end: { reason: 'model-not-ready', message } })
    if (parts.slots.taken === 0) return 'model-not-ready'
  }
  return never()
}

async function failWaiting(
  { parts }: RunningWorker,
  failure: { taskType: TaskType; end: EndDetail },
): Promise<void> {
  try {
    await failWaitingJobs(parts, failure)
  } catch (error) {
    parts.deps.log.warn('waiting jobs not ended', { error: String(error) })
  }
}
