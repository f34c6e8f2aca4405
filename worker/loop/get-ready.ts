import { mkdir } from 'node:fs/promises'
import { makeServiceEnv } from '../command/job-env.ts'
import { whyNoOtherUser } from '../command/job-users.ts'
import { runInitCommand } from '../command/run-init-command.ts'
import { ForeignModel } from '../query/foreign-model.ts'
import { TASK_TYPE_FACTS } from '../../lib/job/task-types.ts'
import type { Model } from '../query/model.ts'
import { ModelServer } from '../query/model-server.ts'
import { WakeableTimer } from '../../lib/pace/wakeable-timer.ts'
import { failWaitingJobs } from './fail-waiting-jobs.ts'
import type { RunningWorker } from './running-worker.ts'
import type { WorkerExit } from './worker-deps.ts'

/** Failed starts in a row after which the worker leaves, so that the fleet starts another. */
const MAX_FAILED_STARTS = 3

type Unable = Exclude<WorkerExit['why'], 'stopped'>
type Env = Readonly<Record<string, string>>

/**
 * Runs the init command, then starts the model server and watches it.
 *
 * @returns only when this worker cannot do its work and nothing runs in it; never where it was told
 *   to stop meanwhile
 */
export async function getReady(worker: RunningWorker): Promise<Unable> {
  const { deps, readiness, guards, folder } = worker
  const { taskTypes } = deps.service
  if (taskTypes.some((type) => TASK_TYPE_FACTS[type].runsProcesses)) guards.prepare()
  await mkdir(folder, { recursive: true })
  const env = await makeEnv(worker)
  const failure = await initialize(worker, env)
  if (worker.isStopping) return never()
  if (failure !== undefined) {
    const end = { reason: 'init-failed', message: failure } as const
    for (const taskType of taskTypes) await failWaitingJobs(deps, { taskType, end })
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

/** Of the programs of the service, as long as the worker lives. */
async function makeEnv({ deps, credentials }: RunningWorker): Promise<Env> {
  const grant = await credentials.open({ kind: 'service', workerId: deps.workerId })
  return makeServiceEnv({ ...deps, credentialEnv: grant.env })
}

/** What went wrong, or nothing. */
async function initialize(worker: RunningWorker, env: Env): Promise<string | undefined> {
  const { deps, readiness, receiving } = worker
  const { signal } = receiving
  const mistake = whyNoOtherUser(deps.jobUser)
  if (mistake !== undefined) return mistake
  const wait = deps.pace.backoff('init')
  for (let tries = 1; ; tries += 1) {
    const failure = await runInitCommand(worker, env)
    if (failure === undefined || worker.isStopping) return failure
    if (tries === MAX_FAILED_STARTS) return `the init command failed ${tries} times: ${failure}`
    deps.log.warn('init command failed', { failure, tries })
    readiness.setNote(`the init command failed: ${failure}`)
    await deps.clock.sleep(wait.nextMs(), signal)
  }
}

function startModel(worker: RunningWorker, env: Env): Model | undefined {
  const { deps, guards, folder } = worker
  const { port, serviceDir, makeModel, service } = deps
  const { serverCommand: command, startSeconds } = service.container
  const onChange = (): void => worker.announce()
  if (makeModel !== undefined) return makeModel(onChange)
  if (port === undefined) return undefined
  if (command === undefined) return new ForeignModel({ ...deps, port, startSeconds, onChange })
  const cwd = serviceDir ?? folder
  return new ModelServer({ ...deps, command, cwd, env, port, startSeconds, guards, onChange })
}

/** After each failed start from the third on; while commands run here, the worker stays. */
async function watchModel(worker: RunningWorker): Promise<Unable> {
  const { deps, readiness, slots } = worker
  const timer = new WakeableTimer(deps.clock)
  worker.onNews(() => timer.wake())
  let seen = 0
  while (!worker.isStopping) {
    const { failedStarts = 0, note = '' } = readiness.model ?? {}
    if (failedStarts !== seen && failedStarts >= MAX_FAILED_STARTS) {
      const message = `after ${failedStarts} starts: ${note}`
      const end = { reason: 'model-not-ready', message } as const
      for (const taskType of deps.service.taskTypes) {
        if (TASK_TYPE_FACTS[taskType].needsModel) await failWaitingJobs(deps, { taskType, end })
      }
      if (slots.taken === 0) return 'model-not-ready'
    }
    seen = failedStarts
    await timer.wait(60_000)
  }
  return never()
}
