import { existsSync, readFileSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { makeAgentTaskProtection } from '../../../lib/adapters/aws/ecs/agent-task-protection.ts'
import { makeJsonLog } from '../../../lib/adapters/node/json-log.ts'
import {
  openSupervisor,
  type Supervisor,
  type SupervisorOptions,
} from '../../../lib/adapters/child-processes/open-supervisor.ts'
import { systemClock } from '../../../lib/adapters/node/system-clock.ts'
import type { Clock } from '../../../lib/ports/clock.ts'
import type { FleetTask } from '../../../lib/ports/fleet.ts'
import type { TaskProtection } from '../../../lib/ports/task-protection.ts'
import type { WorkerReport } from '../../fixtures/programs/supervised-report.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { waitFor } from '../../support/wait-for.ts'

const PROGRAMS = resolve(import.meta.dirname, '../../fixtures/programs')

export type TestFleetOptions = Partial<SupervisorOptions> & { readonly program?: string }

/** A supervisor over real little programs, and what the test can see of it from outside. */
export class TestFleet {
  readonly supervisor: Supervisor
  readonly stateDir: string
  /** What `onTaskStopped` was called with. */
  readonly stopped: readonly FleetTask[]

  readonly #clock: Clock

  private constructor(
    supervisor: Supervisor,
    { stateDir, clock }: SupervisorOptions,
    stopped: readonly FleetTask[],
  ) {
    this.supervisor = supervisor
    this.stateDir = stateDir
    this.stopped = stopped
    this.#clock = clock
  }

  static async open({ program, ...options }: TestFleetOptions = {}): Promise<TestFleet> {
    const stateDir = options.stateDir ?? (await makeStateDir())
    const stopped: FleetTask[] = []
    const all: SupervisorOptions = {
      stateDir,
      command: () => programCommand(program ?? 'supervised-forever', stateDir),
      stopSeconds: 20,
      orphanSeconds: 0.2,
      clock: systemClock,
      log: makeJsonLog({ write: () => {}, level: 'error' }),
      gpus: [],
      onKick: () => {},
      onTaskStopped: (task) => stopped.push(task),
      ...options,
    }
    return new TestFleet(await openSupervisor(all), all, stopped)
  }

  /** Starts so many workers on side a and waits until all have reported. */
  async start(count: number): Promise<FleetTask[]> {
    this.supervisor.deploy('v1')
    await this.supervisor.place('a', 'v1')
    await this.supervisor.setDesired('a', count)
    const tasks = await this.present()
    for (const { taskId } of tasks) await this.report(taskId)
    return tasks
  }

  async present(): Promise<FleetTask[]> {
    const { tasks } = await this.supervisor.observe()
    return tasks.filter(({ state }) => state !== 'stopped')
  }

  async find(taskId: string): Promise<FleetTask | undefined> {
    const { tasks } = await this.supervisor.observe()
    return tasks.find((task) => task.taskId === taskId)
  }

  report(taskId: string): Promise<WorkerReport> {
    return waitFor(`the report of ${taskId}`, () => readReport(this.stateDir, taskId))
  }

  async protectionOf(taskId: string): Promise<TaskProtection> {
    return makeAgentTaskProtection({ agentUri: await this.agentUriOf(taskId) })
  }

  async agentUriOf(taskId: string): Promise<string> {
    return (await this.report(taskId)).env['ECS_AGENT_URI'] ?? ''
  }

  /** Waits; a clock turned by hand is turned a little meanwhile. */
  waitFor<T>(what: string, ask: () => Promise<T | undefined | false>): Promise<T> {
    return waitFor(what, async () => {
      if (this.#clock instanceof FakeClock) await this.#clock.advance(50)
      return ask()
    })
  }

  hasStopped(taskId: string): Promise<FleetTask> {
    return this.waitFor(`${taskId} to stop`, async () => {
      const task = await this.find(taskId)
      return task?.state === 'stopped' && task
    })
  }

  async close(): Promise<void> {
    let closed = false
    const closing = this.supervisor.stopAll({ graceSeconds: 0 }).finally(() => (closed = true))
    await this.waitFor('the supervisor to close', async () => closed)
    await closing
    rmSync(this.stateDir, { recursive: true, force: true })
  }
}

export function makeStateDir(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'scalable-job-fleet-'))
}

export function programPath(program: string): string {
  return join(PROGRAMS, `${program}.ts`)
}

function programCommand(program: string, reportDir: string) {
  return {
    file: process.execPath,
    args: [programPath(program)],
    env: { PATH: process.env['PATH'] ?? '', REPORT_DIR: reportDir },
  }
}

export function readReport(folder: string, taskId: string): WorkerReport | undefined {
  const file = join(folder, `${taskId}.json`)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as WorkerReport) : undefined
}
