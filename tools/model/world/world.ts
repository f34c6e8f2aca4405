import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Job } from '../../../lib/job/job.ts'
import type { Log } from '../../../lib/ports/log.ts'
import { readJobs } from './read-jobs.ts'
import { FleetState, type ModelTask } from './fleet-state.ts'
import { hash } from './hash.ts'
import type { ClientAnswer, Hooks } from './hooks.ts'
import { FileState } from './memory-files.ts'
import type { ModelAsk } from './model-answers.ts'
import type { ModelRun } from './model-guards.ts'
import { type Lane, Process, runAs } from './process.ts'
import { QueueState } from './queue-state.ts'
import type { Scenario } from './scenario.ts'
import type { Schedule } from './schedule.ts'
import { Scheduler } from './scheduler.ts'
import { TableState } from './table-state.ts'
import { START_MS, VirtualTime } from './virtual-time.ts'

interface WorldOptions {
  readonly scenario: Scenario
  readonly schedule: Schedule
  readonly version: string
  readonly startWorker: (world: World, task: ModelTask) => void
  readonly startActor: (world: World, name: string) => void
  /** Told of every log line, where somebody wants to read along. */
  readonly onLog?: (line: string) => void
}

/** In memory, where the machine has such a folder: thousands of runs make folders there. */
const WORK_PARENT = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** All job ids of the model begin here; a thousand for each name. */
const FIRST_ID = 3_711_718_195_200_000_000n

/** Everything outside of the product's own code, in one process and under one scheduler. */
export class World {
  readonly scenario: Scenario
  readonly schedule: Schedule
  readonly time = new VirtualTime()
  readonly table = new TableState()
  readonly queues = new QueueState(() => this.time.nowMs)
  readonly files = new FileState()
  readonly fleet: FleetState
  readonly scheduler: Scheduler
  readonly processes = new Map<string, Process>()
  /** Commands that run, or ran. */
  readonly runs: ModelRun[] = []
  /** Queries that were sent to a model server. */
  readonly asks: ModelAsk[] = []
  /** Attempts whose leases are kept now, by worker. */
  readonly kept = new Map<string, Set<string>>()
  /** Attempts that their worker does nothing more for, whatever the table says. */
  readonly letGo = new Set<string>()
  readonly answers: ClientAnswer[] = []
  readonly hooks: Hooks[] = []
  /** Clients that still want an answer. */
  clientsBusy = 0
  readonly #options: WorldOptions
  readonly #names: string[] = []
  #counts = new Map<string, number>()
  #workRoot: string | undefined

  constructor(options: WorldOptions) {
    const { scenario, schedule, version, startWorker, startActor } = options
    this.#options = options
    this.scenario = scenario
    this.schedule = schedule
    this.scheduler = new Scheduler({
      time: this.time,
      schedule,
      rename: (target) => target.replaceAll(/\d{19}/g, (id) => this.nameOf(id)),
      start: (name) => startActor(this, name),
    })
    this.fleet = new FleetState({
      time: this.time,
      version,
      startWorker: (task) => startWorker(this, task),
      onDesired: (change) =>
        this.#tell((hooks) => hooks.onDesired?.(change, this.scheduler.acting)),
      onStop: (task, why) => this.#tell((hooks) => hooks.onStop?.(task, why)),
    })
    this.#connect()
  }

  #connect(): void {
    const by = (): Lane | undefined => this.scheduler.acting
    this.table.onWrite = (before, after) =>
      this.#tell((hooks) => hooks.onRow?.(before, after, by()))
    this.queues.onSend = (message) => this.#tell((hooks) => hooks.onSend?.(message, by()))
    this.queues.onDelete = (message) => this.#tell((hooks) => hooks.onDelete?.(message, by()))
    this.files.onPut = (before, after) => this.#tell((hooks) => hooks.onPut?.(before, after, by()))
    this.scheduler.onCall = (info, lane, how) =>
      this.#tell((hooks) => hooks.onCall?.(info, lane, how))
  }

  #tell(say: (hooks: Hooks) => void): void {
    for (const hooks of this.hooks) say(hooks)
  }

  /** A folder for the workers of this run. */
  get workRoot(): string {
    this.#workRoot ??= mkdtempSync(join(WORK_PARENT, 'model-'))
    return this.#workRoot
  }

  close(): void {
    for (const process of this.processes.values()) process.die()
    if (this.#workRoot !== undefined) rmSync(this.#workRoot, { recursive: true, force: true })
  }

  /** Starts a process; it ends when its code does. */
  spawn(process: Process, code: (process: Process) => Promise<void>): void {
    process.skewMs = (this.scenario.skewSeconds?.[process.name] ?? 0) * 1000
    this.processes.set(process.name, process)
    void runAs(process.main, () => code(process)).catch((error: unknown) => {
      this.log(process).error('process failed', { error: String(error) })
    })
  }

  /** Lets somebody begin: `scaler`, `submit j1`, `cancel j1`, … */
  start(name: string): void {
    this.#options.startActor(this, name)
  }

  /** A process name that was not used yet: `s1`, `s2`, … */
  newName(prefix: string): string {
    for (let number = 1; ; number += 1) {
      if (!this.processes.has(`${prefix}${number}`)) return `${prefix}${number}`
    }
  }

  ask(ask: ModelAsk): void {
    this.asks.push(ask)
    this.#tell((hooks) => hooks.onAsk?.(ask))
  }

  answer(answer: ClientAnswer): void {
    this.answers.push(answer)
    this.#tell((hooks) => hooks.onAnswer?.(answer))
  }

  /** An id that tells by its digits which of the scenario's names it was made for. */
  newId(name: string): string {
    if (!this.#names.includes(name)) this.#names.push(name)
    const count = (this.#counts.get(name) ?? 0) + 1
    this.#counts.set(name, count)
    return String(FIRST_ID + BigInt(this.#indexOf(name) * 1000 + count))
  }

  nameOf(id: string): string {
    const at = Number(BigInt(id) - FIRST_ID)
    return this.#names.find((name) => this.#indexOf(name) === Math.floor(at / 1000)) ?? id
  }

  /** The same for a name in every run, whoever comes first; jobs in the scenario's order. */
  #indexOf(name: string): number {
    const at = this.scenario.jobs.findIndex((job) => job.name === name)
    return at >= 0 ? at : 1000 + (hash(name) % 1_000_000)
  }

  jobs(): readonly Job[] {
    return readJobs(this.table)
  }

  log(process: Process): Log {
    const { onLog } = this.#options
    const say = (message: string, fields?: object): void => {
      onLog?.(
        `  ${this.#shownTime} ${process.name} log: ${message} ${JSON.stringify(fields ?? {})}`,
      )
    }
    const log: Log = { debug: say, info: say, warn: say, error: say, with: () => log }
    return log
  }

  get #shownTime(): string {
    return `${(this.time.nowMs / 1000).toFixed(3)}s`
  }

  /** Milliseconds since 1970 on a clock that is right. */
  get wallMs(): number {
    return START_MS + this.time.nowMs
  }

  /** After a call and all that followed from it. */
  noteStep(): void {
    this.#tell((hooks) => hooks.afterStep?.())
  }

  noteEnd(): void {
    this.#tell((hooks) => hooks.atEnd?.())
  }

  /**
   * Everything that the future depends on, in a number: stores, fleet, and of each process what it
   * was answered so far, which with deterministic code says where it stands.
   */
  readonly fingerprint = (): number => {
    const { table, queues, files, fleet, scheduler, time } = this
    const parts = [
      table.rows().map(({ key, rev, json }) => [key.pk, key.sk, rev, json]),
      queues.messages(),
      [...files.files.values()].map(({ info, body }) => [info, hash(body.toString('latin1'))]),
      fleet.sides,
      fleet.tasks.map(({ taskId, state, protectedUntilMs }) => [taskId, state, protectedUntilMs]),
      [...this.processes.values()].map(describeProcess),
      this.runs.map(({ jobId, attempt, endedAtMs }) => [jobId, attempt, endedAtMs]),
      this.asks.map(({ jobId, attempt, endedAtMs }) => [jobId, attempt, endedAtMs]),
      scheduler.describe(),
      time.describe(),
      time.nowMs,
    ]
    return hash(JSON.stringify(parts))
  }
}

function describeProcess({ name, isDead, history, main, beats, skewMs }: Process): unknown[] {
  return [name, isDead, isDead ? 0 : history, main.frozenUntilMs, beats.frozenUntilMs, skewMs]
}
