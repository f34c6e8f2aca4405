import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Clock } from '../../ports/clock.ts'
import type { Fleet, FleetTask, Side } from '../../ports/fleet.ts'
import type { Log } from '../../ports/log.ts'
import { waitAtMost } from '../../pace/wait-at-most.ts'
import { type AgentServer, serveAgent } from './agent/serve-agent.ts'
import { findGpus } from './gpus.ts'
import { ProcessFleet } from './fleet/process-fleet.ts'
import { holdStateFolder } from './hold-state-folder.ts'
import { DEFAULT_RESTART_BACKOFF, type RestartBackoff } from './fleet/restart-backoff.ts'
import { loadFleet } from './fleet/fleet-record.ts'
import type { WorkerCommand } from './task/spawn-worker.ts'
import { makeLogFolder, tidyLogs } from './task/task-log.ts'

export interface SupervisorOptions {
  /** Holds `supervisor/` (lock, records of the fleet and of what it runs) and `logs/worker-<taskId>.log`. */
  readonly stateDir: string
  /** What a worker runs. Asked again for every start; an exception counts as a failed start. */
  readonly command: (task: { taskId: string; side: Side; version: string }) => WorkerCommand
  /** Seconds between SIGTERM and SIGKILL on scale-in (ECS: `stopTimeout`). */
  readonly stopSeconds: number
  readonly clock: Clock
  readonly log: Log
  /** Values for `CUDA_VISIBLE_DEVICES`, one per worker. Default: what `nvidia-smi` lists. */
  readonly gpus?: readonly string[]
  /** Default 1 s doubling to 300 s, forgotten after a run of 60 s. */
  readonly restartBackoff?: Partial<RestartBackoff>
  /** How long workers of an earlier, killed supervisor get to go by themselves. Default 5. */
  readonly orphanSeconds?: number
  /** Default: random UUIDs. Must be impossible to guess: paths of the endpoint are made of it. */
  readonly newId?: () => string
  /** A worker asks the scaler to look. */
  readonly onKick: () => void
  /** Nothing of this task runs any more. Not called for tasks of an earlier life that had gone
   *  before the supervisor was open. */
  readonly onTaskStopped: (task: FleetTask) => void
}

export interface Supervisor extends Fleet {
  /** Names the worker version that `observe` gives as the latest; starts nothing by itself. */
  deploy(version: string): void
  /** Base of the address under which each worker has its own part of the agent endpoint. */
  readonly agentAddress: string
  /**
   * SIGTERM to every worker, SIGKILL after the grace, and only then the end of the endpoint and of
   * the hold on the state folder. The desired numbers stay recorded. Called again with a shorter
   * grace it hurries.
   */
  stopAll(how: { graceSeconds: number }): Promise<void>
}

const DEFAULT_ORPHAN_SECONDS = 5
const TIDY_LOGS_MS = 60_000
/** What the end of leftovers may take beyond the grace: a moment for the guards, then some kills. */
const LEFTOVERS_MS = 15_000

/**
 * The fleet of worker processes on this machine. It first ends what an earlier life left running, and
 * then starts what it was last asked for.
 *
 * @throws ServiceError `already-running` when another process holds the state folder
 */
export async function openSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  const folder = resolve(options.stateDir, 'supervisor')
  mkdirSync(folder, { recursive: true })
  const release = holdStateFolder(folder, options.clock.now())
  try {
    const fleet = await recoverFleet(options, folder)
    const server = await serveAgent({
      findBySecret: (secret) => fleet.roster.findBySecret(secret),
      setProtection: (task, ask) => fleet.setProtection(task, ask),
      monotonicMs: () => options.clock.monotonicMs(),
      onKick: options.onKick,
      log: options.log,
    })
    fleet.open(server.address)
    return makeSupervisor(options, { fleet, server, release })
  } catch (error) {
    release()
    throw error
  }
}

/** The fleet as recorded, once nothing of its earlier life runs any more. */
async function recoverFleet(options: SupervisorOptions, folder: string): Promise<ProcessFleet> {
  const { clock, log, orphanSeconds = DEFAULT_ORPHAN_SECONDS } = options
  const stateFile = join(folder, 'fleet.json')
  const { latestVersion, sides, tasks } = loadFleet(stateFile)
  const fleet = new ProcessFleet({
    command: options.command,
    onTaskStopped: options.onTaskStopped,
    stopSeconds: options.stopSeconds,
    clock,
    log,
    stateFile,
    setpoints: { latestVersion, sides },
    logFolder: makeLogFolder(options.stateDir),
    groupsFolder: join(folder, 'groups'),
    gpus: options.gpus ?? (await findGpus(process.env)),
    restartBackoff: { ...DEFAULT_RESTART_BACKOFF, ...options.restartBackoff },
    newId: options.newId ?? randomUUID,
  })
  const graceMs = orphanSeconds * 1000
  fleet.adopt(tasks, graceMs)
  await awaitStopped(fleet, { graceMs, clock, log })
  return fleet
}

interface Opened {
  readonly fleet: ProcessFleet
  readonly server: AgentServer
  readonly release: () => void
}

function makeSupervisor(options: SupervisorOptions, opened: Opened): Supervisor {
  const { fleet, server } = opened
  const closed = new AbortController()
  void tidyLogsUntil(options, fleet, closed.signal)
  let closing: Promise<void> | undefined
  return {
    observe: () => fleet.observe(),
    setDesired: (side, desired) => fleet.setDesired(side, desired),
    place: (side, version) => fleet.place(side, version),
    stopTask: (taskId, reason) => fleet.stopTask(taskId, reason),
    findStopped: (taskIds) => fleet.findStopped(taskIds),
    deploy: (version) => fleet.deploy(version),
    agentAddress: server.address,
    stopAll: ({ graceSeconds }) => {
      closed.abort()
      fleet.stopAll(graceSeconds)
      closing ??= close(options, opened, graceSeconds)
      return closing
    },
  }
}

async function close(
  options: SupervisorOptions,
  opened: Opened,
  graceSeconds: number,
): Promise<void> {
  const { fleet, server, release } = opened
  const { clock, log } = options
  await awaitStopped(fleet, { graceMs: graceSeconds * 1000, clock, log })
  fleet.giveUp()
  await server.close()
  release()
}

/**
 * Waits until nothing of the fleet runs, at most the grace and 15 s. Tasks that cannot be ended by then
 * (a process hangs in the kernel) are named in the log and stay recorded.
 */
async function awaitStopped(
  fleet: ProcessFleet,
  { graceMs, clock, log }: { graceMs: number; clock: Clock; log: Log },
): Promise<void> {
  const gone = Promise.all(fleet.roster.present().map((task) => task.gone.promise))
  await waitAtMost(clock, graceMs + LEFTOVERS_MS, gone)
  const left = fleet.roster.present().map(({ taskId }) => taskId)
  if (left.length > 0) log.error('processes of these tasks cannot be ended', { taskIds: left })
}

async function tidyLogsUntil(
  { stateDir, clock, log }: SupervisorOptions,
  { roster }: ProcessFleet,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const present = new Set(roster.present().map(({ taskId }) => taskId))
      tidyLogs(makeLogFolder(stateDir), { present, nowMs: clock.now() })
    } catch (error) {
      log.warn("could not tidy the workers' logs", { error: String(error) })
    }
    await clock.sleep(TIDY_LOGS_MS, signal)
  }
}
