/**
 * The worker's program: environment → service file → adapters → `runWorker`.
 *
 * - SIGTERM or SIGINT: drain, then exit 0. A second one: release the jobs at once.
 * - Standard input ends, where a supervisor started it: the supervisor is gone; release at once.
 * - Exit 0: stopped as asked. 1: it cannot work (init command, model server, a fault); its fleet
 *   starts another one. 2: the environment or the service is wrong, named on standard error.
 * - Whatever else ends this process ends its jobs' process groups too: their guards see the pipe
 *   close.
 */
import { readFile } from 'node:fs/promises'
import { enableCompileCache } from 'node:module'
import { makeAgentTaskProtection } from '../lib/adapters/aws/ecs/agent-task-protection.ts'
import { formatDetails, ServiceError } from '../lib/registry/errors.ts'
import { readWorkerService } from '../lib/service/serialised-service.ts'
import type { WorkerService } from '../lib/service/service.ts'
import { makeJsonLog } from '../lib/adapters/node/json-log.ts'
import { systemClock } from '../lib/adapters/node/system-clock.ts'
import type { Log } from '../lib/ports/log.ts'
import { reportAlive } from './alive/alive-file.ts'
import { findFreePort } from './query/model.ts'
import { makeHttpKick, noKick } from './loop/kick.ts'
import { makeLogWriter } from '../lib/adapters/node/log-writer.ts'
import { openJobCredentials, openStore } from './start/open-store.ts'
import { readSettings, type WorkerSettings } from './start/read-settings.ts'
import { readTaskArn } from './start/read-task-arn.ts'
import { makePace } from './loop/pace.ts'
import { runWorker } from './loop/run-worker.ts'
import { makeBaseEnv } from './command/job-env.ts'
import type { WorkerDeps } from './loop/worker-deps.ts'

const STDOUT_FD = 1
const EXIT_FAULT = 1
const EXIT_MISUSE = 2

enableCompileCache()
await main()

async function main(): Promise<void> {
  let settings: WorkerSettings
  let service: WorkerService
  try {
    settings = readSettings(process.env)
    const { serviceFile } = settings
    service = readWorkerService(await readFile(serviceFile, 'utf8'), serviceFile)
  } catch (error) {
    process.stderr.write(`${describeMisuse(error)}\n`)
    process.exit(EXIT_MISUSE)
  }
  const write = makeLogWriter(STDOUT_FD, systemClock)
  const log = makeJsonLog({ write, level: settings.logLevel, fields: { service: service.name } })
  exitOnUncaught(log)
  process.exit(await work(settings, service, log))
}

async function work(settings: WorkerSettings, service: WorkerService, log: Log): Promise<number> {
  reportAlive(settings.workRoot)
  const store = await openStore(settings.store, systemClock)
  const identity = await identify(settings)
  const { agentUri, supervisorUri, serviceDir, workRoot, groupDir } = settings
  const isEmbedded = settings.store.backend === 'embedded'
  const { container } = service
  const port = container.port && isEmbedded ? await findFreePort() : container.port
  const workerLog = log.with({ workerId: identity.workerId })
  const deps: WorkerDeps = {
    service,
    version: settings.version,
    ...identity,
    table: store.table,
    queues: store.queues,
    files: store.files,
    protection: makeAgentTaskProtection({ agentUri, log: workerLog }),
    kick: supervisorUri === undefined ? noKick : makeHttpKick(supervisorUri),
    ...(await jobIdentity(settings, service, workerLog)),
    clock: systemClock,
    pace: makePace(),
    log: workerLog,
    store: settings.store,
    workRoot,
    serviceDir,
    baseEnv: makeBaseEnv(process.env, isEmbedded ? 'machine' : 'container'),
    ...(port !== undefined && { port }),
    ...(groupDir !== undefined && { groupDir }),
    ...watchForEnd(supervisorUri !== undefined),
  }
  const exit = await runWorker(deps)
  await store.close()
  log.info('exit', { ...exit })
  return exit.code
}

/** As whom jobs run, and with which credentials, in place of the worker's own. */
async function jobIdentity(
  { store, jobRoleArn }: WorkerSettings,
  { container: { jobUser } }: WorkerService,
  log: Log,
): Promise<Pick<WorkerDeps, 'jobCredentials' | 'jobUser'>> {
  if (store.backend === 'embedded') {
    if (jobUser !== undefined) log.warn('job_user has no effect here: jobs run as your own user')
    return {}
  }
  return {
    ...(jobRoleArn !== undefined && { jobCredentials: await openJobCredentials(jobRoleArn) }),
    ...(jobUser !== undefined && { jobUser }),
  }
}

async function identify(
  settings: WorkerSettings,
): Promise<{ readonly workerId: string; readonly taskId: string }> {
  const { workerId, taskId, metadataUri } = settings
  if (workerId !== undefined && taskId !== undefined) return { workerId, taskId }
  if (metadataUri === undefined) throw new Error('neither ids nor a metadata endpoint were given')
  const arn = await readTaskArn(metadataUri)
  return { workerId: arn.slice(arn.lastIndexOf('/') + 1), taskId: arn }
}

/** Signals of the fleet or a terminal, and the supervisor's end of the pipe. */
function watchForEnd(hasSupervisor: boolean): { stop: AbortSignal; abandon: AbortSignal } {
  const stop = new AbortController()
  const abandon = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) abandon.abort()
      stop.abort()
    })
  }
  if (hasSupervisor) {
    process.stdin.on('error', () => abandon.abort())
    process.stdin.once('close', () => abandon.abort())
    process.stdin.once('end', () => abandon.abort())
    process.stdin.resume()
  }
  return { stop: stop.signal, abandon: abandon.signal }
}

/** After a fault that was not handled the state is unknown: the process ends, and its guards end the jobs. */
function exitOnUncaught(log: Log): void {
  const fail = (what: string) => (error: unknown) => {
    log.error(what, {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    })
    process.exit(EXIT_FAULT)
  }
  process.on('unhandledRejection', fail('unhandled rejection'))
  process.on('uncaughtException', fail('uncaught exception'))
}

function describeMisuse(error: unknown): string {
  if (!(error instanceof ServiceError)) return String(error)
  return `${error.message}\n${formatDetails(error.details)}\n  fix: ${error.fix}`
}
