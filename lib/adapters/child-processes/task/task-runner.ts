import { join } from 'node:path'
import { ENV } from '../../../registry/env.ts'
import type { Clock } from '../../../ports/clock.ts'
import type { Log } from '../../../ports/log.ts'
import { endGroup } from '../../../processes/end-group.ts'
import {
  makeRecordFolder,
  readRecordFolder,
  removeRecordFolder,
} from '../../../processes/group-record.ts'
import { ProcessGroup } from '../../../processes/process-group.ts'
import { notStarted, spawnWorker, type WorkerCommand, type WorkerProcess } from './spawn-worker.ts'
import { taskLogFile } from './task-log.ts'
import type { WorkerTask } from './worker-task.ts'

export interface RunnerDeps {
  readonly command: (task: { taskId: string; side: 'a' | 'b'; version: string }) => WorkerCommand
  readonly logFolder: string
  /** Holds a folder for each task, with the records of its guards. */
  readonly groupsFolder: string
  readonly clock: Clock
  readonly log: Log
}

export interface RunnerEvents {
  /** The worker has exited; what it started may still run. */
  readonly exited: (task: WorkerTask) => void
  /** Nothing of the task runs any more. */
  readonly stopped: (task: WorkerTask) => void
}

/**
 * When a worker dies, its guards kill at once what it ran. They get this long; then the supervisor
 * kills what is left.
 */
const GUARD_MS = 1_000
const POLL_MS = 50
const WARN_AFTER_MS = 10_000

/** Starts and stops the processes of tasks, and knows when nothing of a task is left. */
export class TaskRunner {
  readonly #deps: RunnerDeps
  readonly #events: RunnerEvents
  readonly #givenUp = new AbortController()

  constructor(deps: RunnerDeps, events: RunnerEvents) {
    this.#deps = deps
    this.#events = events
  }

  start(task: WorkerTask, agentAddress: string): void {
    const { clock, log } = this.#deps
    const worker = this.#spawn(task, agentAddress)
    task.worker = worker
    if (worker.identity !== undefined) {
      task.state = 'running'
      task.identity = worker.identity
      log.info('worker started', { taskId: task.taskId, pid: worker.identity.pid })
    }
    task.startedAtMs = clock.now()
    task.startedMonotonicMs = clock.monotonicMs()
    void worker.ended.then((how) => this.#finish(task, how, GUARD_MS))
  }

  /**
   * SIGTERM now and SIGKILL after the grace. A task that is stopping already gets another SIGTERM,
   * after which a worker no longer waits for its jobs. Of several graces the one that ends
   * first counts.
   */
  stop(task: WorkerTask, { order, graceSeconds }: { order: string; graceSeconds: number }): void {
    if (task.state === 'stopped') return
    if (task.state !== 'stopping') {
      task.stopOrder = order
      if (task.worker === undefined) return this.#settle(task, order)
      task.state = 'stopping'
      task.protection = undefined
    }
    task.worker?.signal('SIGTERM')
    void this.#killAfter(task, graceSeconds * 1000)
  }

  /** Follows a task of an earlier life to its end: its stdin has closed, so it should exit by itself. */
  adopt(task: WorkerTask, graceMs: number): void {
    task.state = 'stopping'
    void this.#finish(task, 'its supervisor was gone', graceMs)
  }

  /** Gives up on tasks whose processes cannot be ended. */
  giveUp(): void {
    this.#givenUp.abort()
  }

  #spawn(task: WorkerTask, agentAddress: string): WorkerProcess {
    const { taskId, side, version } = task
    try {
      const command = this.#deps.command({ taskId, side, version })
      const groupFolder = this.#groupFolder(task)
      makeRecordFolder(groupFolder)
      const env = {
        ...command.env,
        ...taskVariables(task, `${agentAddress}/${task.secret}`),
        [ENV.groupDir.name]: groupFolder,
      }
      return spawnWorker({ ...command, env }, taskLogFile(this.#deps.logFolder, taskId))
    } catch (error) {
      return notStarted(error)
    }
  }

  #groupFolder({ taskId }: WorkerTask): string {
    return join(this.#deps.groupsFolder, taskId)
  }

  async #killAfter(task: WorkerTask, ms: number): Promise<void> {
    await this.#deps.clock.sleep(ms, task.exited.signal)
    task.worker?.signal('SIGKILL')
  }

  async #finish(task: WorkerTask, how: string, patienceMs: number): Promise<void> {
    task.state = 'stopping'
    task.protection = undefined
    task.exited.abort()
    this.#events.exited(task)
    if (!(await this.#endProcesses(task, patienceMs))) return
    await removeRecordFolder(this.#groupFolder(task))
    this.#settle(task, task.stopOrder === undefined ? how : `${task.stopOrder}; ${how}`)
  }

  /** All that inherited the task's id, or that its guards recorded, with their sessions. */
  #endProcesses(task: WorkerTask, patienceMs: number): Promise<boolean> {
    const { clock, log } = this.#deps
    const { taskId, identity } = task
    const leaders = identity === undefined ? [] : [identity]
    const group = new ProcessGroup({ variable: `${ENV.taskId.name}=${taskId}`, leaders })
    const startMs = clock.monotonicMs()
    const waitedMs = () => clock.monotonicMs() - startMs
    let warnAtMs = patienceMs + WARN_AFTER_MS
    return endGroup(group, {
      mayKill: () => waitedMs() >= patienceMs,
      emptyLooks: 2,
      firstPollMs: POLL_MS,
      maxPollMs: POLL_MS,
      sleep: (ms, signal) => clock.sleep(ms, signal),
      pace: 'in-slices',
      signal: this.#givenUp.signal,
      prepare: async () => group.addLeaders(await readRecordFolder(this.#groupFolder(task))),
      onLeft: (left) => {
        if (waitedMs() < warnAtMs) return
        warnAtMs += WARN_AFTER_MS
        const found = { pids: left.map(toPid), unproven: group.unproven.map(toPid) }
        log.warn('processes of a stopped task do not end', { taskId, ...found })
      },
      onFault: (error) => log.warn('processes cannot be looked for', { error: String(error) }),
    })
  }

  #settle(task: WorkerTask, reason: string): void {
    const { clock, log } = this.#deps
    task.state = 'stopped'
    task.stoppedReason = reason
    task.stoppedAtMs = clock.now()
    const level = task.stopOrder === undefined ? 'warn' : 'info'
    log[level]('worker stopped', { taskId: task.taskId, side: task.side, reason })
    task.gone.resolve()
    this.#events.stopped(task)
  }
}

const toPid = ({ pid }: { pid: number }): number => pid

/** What the supervisor adds to a worker's environment. */
function taskVariables({ taskId, workerId, gpu }: WorkerTask, uri: string): Record<string, string> {
  return {
    [ENV.taskId.name]: taskId,
    [ENV.workerId.name]: workerId,
    [ENV.agentUri.name]: uri,
    [ENV.supervisorUri.name]: uri,
    ECS_CONTAINER_METADATA_URI_V4: uri,
    ...(gpu !== undefined && { CUDA_VISIBLE_DEVICES: gpu }),
  }
}
