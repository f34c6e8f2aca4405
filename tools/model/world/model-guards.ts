import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { JOB_ENV } from '../../../lib/registry/env.ts'
import type { EndCause } from '../../../lib/processes/guard-protocol.ts'
import type { Guards } from '../../../lib/processes/guard-pool.ts'
import type { Guard, GuardEnd } from '../../../lib/processes/start-guard.ts'
import { type Lane, Process } from './process.ts'
import type { VirtualTime } from './virtual-time.ts'

/** One command that runs, or ran, in a worker. */
export interface ModelRun {
  readonly jobId: string
  readonly attempt: number
  readonly worker: Process
  readonly startedAtMs: number
  endedAtMs?: number
}

/**
 * Stands for guard processes and the commands that they run. A command is a list of words:
 * `work 4` takes four seconds, `artifact out` and `checkpoint state` write a file that names its
 * attempt, `exit 1` ends with that code, and `stubborn` hears no SIGTERM.
 */
export class ModelGuards implements Guards {
  readonly #time: VirtualTime
  readonly #worker: Lane
  readonly #runs: ModelRun[]

  constructor(time: VirtualTime, worker: Lane, runs: ModelRun[]) {
    this.#time = time
    this.#worker = worker
    this.#runs = runs
  }

  prepare(): void {
    // A guard of the model needs no time to start.
  }

  take(): Promise<Guard> {
    return Promise.resolve(new ModelGuard(this.#time, this.#worker, this.#runs))
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

class ModelGuard implements Guard {
  readonly stdout = new Readable({ read: () => undefined })
  readonly stderr = new Readable({ read: () => undefined })
  readonly started = Promise.resolve(1)
  readonly #ended = Promise.withResolvers<GuardEnd>()
  readonly #time: VirtualTime
  readonly #worker: Lane
  readonly #runs: ModelRun[]
  /** A process of its own: it goes on while its worker stands still. */
  readonly #lane = new Process('guard').main
  #run: ModelRun | undefined
  #isStubborn = false
  #clearLease = (): void => undefined
  #killAtMs = Infinity
  #cause: EndCause | undefined

  constructor(time: VirtualTime, worker: Lane, runs: ModelRun[]) {
    this.#time = time
    this.#worker = worker
    this.#runs = runs
  }

  get ended(): Promise<GuardEnd> {
    return this.#ended.promise
  }

  run(spec: Parameters<Guard['run']>[0]): void {
    // Reading a file is no port call: what is dead, or stands still, may just have come here by it.
    this.#time.deliver(this.#worker, () => this.#start(spec))
  }

  #start({ args, env, leaseUntilMs }: Parameters<Guard['run']>[0]): void {
    if (leaseUntilMs - 1 <= this.#time.nowMs) {
      this.#end('lease', { exitCode: null, signal: null })
      return
    }
    this.#run = {
      jobId: env[JOB_ENV.id.name] ?? '',
      attempt: Number(env[JOB_ENV.attempt.name]),
      worker: this.#worker.process,
      startedAtMs: this.#time.nowMs,
    }
    this.#runs.push(this.#run)
    this.#worker.process.onDeath(() => this.close())
    this.beat(leaseUntilMs)
    this.#follow(
      (args.at(-1) ?? '').split(';').map((word) => word.trim()),
      env,
    )
  }

  beat(leaseUntilMs: number): void {
    this.#clearLease()
    // The worker's monotonic clock is one millisecond ahead (`followVirtualTime`).
    const waitMs = leaseUntilMs - 1 - this.#time.nowMs
    this.#clearLease = this.#time.after(this.#lane, waitMs, () => this.#stop('lease', 0))
  }

  stop(graceMs: number): void {
    this.#stop('stop', graceMs)
  }

  close(): void {
    if (this.#run === undefined) this.#end('worker-gone', { exitCode: null, signal: null })
    else this.#stop('worker-gone', 0)
  }

  #follow(words: readonly string[], env: Readonly<Record<string, string>>): void {
    if (this.#isOver) return
    const [word = 'exit 0', ...rest] = words
    const [verb, what = ''] = word.split(' ')
    if (verb === 'work') {
      this.#time.after(this.#lane, Number(what) * 1000, () => this.#follow(rest, env))
      return
    }
    if (verb === 'exit') {
      this.#end('exit', { exitCode: Number(what), signal: null })
      return
    }
    if (verb === 'stubborn') this.#isStubborn = true
    if (verb === 'artifact') this.#write(env[JOB_ENV.artifactsDir.name] ?? '', what)
    if (verb === 'checkpoint') this.#write(env[JOB_ENV.checkpointDir.name] ?? '', what)
    this.#follow(rest, env)
  }

  #write(folder: string, name: string): void {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, name), `${this.#run?.jobId} ${this.#run?.attempt}`)
  }

  get #isOver(): boolean {
    return this.#run === undefined || this.#run.endedAtMs !== undefined
  }

  #stop(cause: EndCause, graceMs: number): void {
    if (this.#isOver) return
    this.#cause ??= cause
    const atMs = this.#time.nowMs + graceMs
    if (graceMs > 0 && !this.#isStubborn) {
      this.#end(this.#cause, { exitCode: null, signal: 'SIGTERM' })
      return
    }
    if (atMs >= this.#killAtMs) return
    this.#killAtMs = atMs
    const kill = (): void => {
      if (!this.#isOver) this.#end(this.#cause ?? cause, { exitCode: null, signal: 'SIGKILL' })
    }
    if (graceMs > 0) this.#time.after(this.#lane, graceMs, kill)
    else kill()
  }

  #end(cause: EndCause, how: { exitCode: number | null; signal: string | null }): void {
    if (this.#run !== undefined) this.#run.endedAtMs = this.#time.nowMs
    this.#clearLease()
    this.#time.deliver(this.#worker, () => {
      for (const pipe of [this.stdout, this.stderr]) pipe.push(null)
      this.#ended.resolve({ is: 'gone', cause, ...how, hadLeftovers: false })
    })
  }
}
