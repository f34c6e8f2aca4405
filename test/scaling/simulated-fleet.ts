import type { Decision } from '../../lib/scaling/decision.ts'
import type { FleetFacts, Observation, WorkerFacts } from '../../lib/scaling/observation.ts'
import { type Side, SIDES } from '../../lib/scaling/sides.ts'
import { NOON_MS } from '../support/a-job.ts'

interface SimulatedWorker {
  readonly id: string
  readonly side: Side
  readonly version: string
  readyAtMs: number
  job?: { readonly id: string; readonly startedAtMs: number; readonly endsAtMs: number }
  drain?: NonNullable<WorkerFacts['drain']>
  beat: number
}

/** A fleet, its workers (one command each) and a queue, as arithmetic: time passes by `step`. */
export class SimulatedFleet {
  nowMs = NOON_MS
  latestVersion = 'v1'
  readonly done: string[] = []
  readonly startedOn: Record<string, string> = {}
  readonly #waiting: { id: string; seconds: number }[] = []
  readonly #sides: Record<Side, { version?: string; desired: number }> = {
    a: { desired: 0 },
    b: { desired: 0 },
  }
  #workers: SimulatedWorker[] = []
  #number = 0
  readonly #startSeconds: number

  constructor(startSeconds: number) {
    this.#startSeconds = startSeconds
  }

  submit(id: string, seconds: number): void {
    this.#waiting.push({ id, seconds })
  }

  get desired(): number {
    return this.#sides.a.desired + this.#sides.b.desired
  }

  get busy(): number {
    return this.#workers.filter((worker) => worker.job !== undefined).length
  }

  get versions(): string[] {
    return [...new Set(this.#workers.map(({ version }) => version))].toSorted()
  }

  observe(): Observation {
    const counts = { command: this.#waiting.length, query: 0 }
    const waiting = { counts, isComplete: true, oldestQueuedAtMs: {} }
    const ready = this.#workers.filter((worker) => worker.readyAtMs <= this.nowMs)
    return {
      atMs: this.nowMs,
      service: {
        slots: { command: 1, query: 0 },
        queriesBesideCommand: false,
        lookSeconds: 10,
        beatSeconds: 10,
      },
      depth: { seen: true, value: counts },
      waiting: { seen: true, value: waiting },
      workers: { seen: true, value: ready.map(toFacts) },
      fleet: { seen: true, value: this.#observeFleet() },
      runSeconds: {},
    }
  }

  /** @throws Error for what ECS would refuse: protected tasks above the count, a side in use */
  apply({ place, desired, drains }: Decision): void {
    if (place !== undefined) {
      const isEmpty = !this.#workers.some(({ side }) => side === place.side)
      if (!isEmpty || this.#sides[place.side].desired > 0) throw new Error('placed on a used side')
      this.#sides[place.side].version = place.version
    }
    for (const change of drains) {
      const worker = this.#workers.find(({ id }) => id === change.workerId)
      if (worker === undefined) continue
      if (change.kind === 'withdraw') delete worker.drain
      else {
        const { reason, expiresAt } = change.order
        worker.drain = { reason, expiresAtMs: Date.parse(expiresAt) }
      }
    }
    for (const side of SIDES) this.#setDesired(side, desired[side])
  }

  /** Jobs end, free workers take jobs, the fleet starts and stops tasks. */
  step(seconds: number): void {
    this.nowMs += seconds * 1000
    for (const worker of this.#workers) this.#work(worker)
    for (const side of SIDES) this.#settle(side)
  }

  #setDesired(side: Side, count: number | undefined): void {
    if (count === undefined) return
    const busy = this.#workers.filter((worker) => worker.side === side && worker.job).length
    if (count < busy) throw new Error(`desired ${count} below ${busy} busy workers`)
    this.#sides[side].desired = count
  }

  #work(worker: SimulatedWorker): void {
    worker.beat += 1
    if (worker.readyAtMs > this.nowMs) return
    if (worker.job !== undefined && worker.job.endsAtMs <= this.nowMs) {
      this.done.push(worker.job.id)
      delete worker.job
    }
    const isDraining = worker.drain !== undefined && worker.drain.expiresAtMs > this.nowMs
    if (worker.job !== undefined || isDraining) return
    const next = this.#waiting.shift()
    if (next === undefined) return
    this.startedOn[next.id] = worker.version
    const endsAtMs = this.nowMs + next.seconds * 1000
    worker.job = { id: next.id, startedAtMs: this.nowMs, endsAtMs }
  }

  /** Stops unprotected tasks above the count, the newest first; starts what is missing. */
  #settle(side: Side): void {
    const { desired, version = '' } = this.#sides[side]
    const mine = this.#workers.filter((worker) => worker.side === side)
    const free = mine.filter((worker) => worker.job === undefined).toReversed()
    const stopped = free.slice(0, Math.max(mine.length - desired, 0))
    this.#workers = this.#workers.filter((worker) => !stopped.includes(worker))
    for (let count = mine.length; count < desired; count += 1) {
      const id = `w${(this.#number += 1)}`
      const readyAtMs = this.nowMs + this.#startSeconds * 1000
      this.#workers.push({ id, side, version, readyAtMs, beat: 0 })
    }
  }

  #observeFleet(): FleetFacts {
    return {
      sides: { a: { ...this.#sides.a }, b: { ...this.#sides.b } },
      tasks: this.#workers.map(({ id, side, readyAtMs }) => ({
        taskId: `task-${id}`,
        side,
        state: readyAtMs <= this.nowMs ? 'running' : 'pending',
      })),
      latestVersion: this.latestVersion,
    }
  }
}

function toFacts({ id, version, job, drain, beat }: SimulatedWorker): WorkerFacts {
  const idle = drain === undefined ? 'idle' : 'draining'
  return {
    workerId: id,
    taskId: `task-${id}`,
    version,
    state: job === undefined ? idle : 'busy',
    beat,
    free: { command: job === undefined ? 1 : 0, query: 0 },
    jobs: job ? [{ jobId: job.id, taskType: 'command', startedAtMs: job.startedAtMs }] : [],
    ...(drain && { drain }),
  }
}
