import { toTimestamp } from '../../lib/job/job.ts'
import type { WorkerState } from '../../lib/scaling/worker-row.ts'
import { ActiveJobs } from './active-jobs.ts'
import { type Leases, LeaseRenewer } from '../beats/lease-renewer.ts'
import { CredentialEndpoint } from '../credentials/credential-endpoint.ts'
import { type CredentialSource, noCredentials } from '../credentials/credential-source.ts'
import { type Guards, GuardPool } from '../../lib/processes/guard-pool.ts'
import { startGuard } from '../../lib/processes/start-guard.ts'
import { JobUsers } from '../command/job-users.ts'
import { MessageAcker } from './message-acker.ts'
import { findBeatThread } from '../beats/find-beat-thread.ts'
import { ProtectionManager } from './protection-manager.ts'
import { Readiness } from './readiness.ts'
import { Slots } from './slots.ts'
import type { WorkerDeps } from './worker-deps.ts'
import { type WorkerReport, WorkerRowWriter } from '../row/worker-row.ts'

/** A worker and its parts, as the steps of a job use them. Building one does no I/O. */
export class RunningWorker {
  readonly deps: WorkerDeps
  /** Its own folder below the work root. */
  readonly folder: string
  readonly slots: Slots
  readonly active: ActiveJobs
  readonly readiness: Readiness
  readonly leases: Leases
  readonly guards: Guards
  readonly credentials: CredentialSource
  readonly users: JobUsers
  readonly protection: ProtectionManager
  readonly row: WorkerRowWriter
  readonly acker: MessageAcker
  /** Attempts (`job:attempt`) whose messages are being handled here, against repeats. */
  readonly inHand = new Set<string>()
  /** Aborts when nothing may be received any more. */
  readonly receiving = new AbortController()
  readonly #listeners: (() => void)[] = []
  #hasDrainOrder = false

  constructor(deps: WorkerDeps, folder: string) {
    const { service, log } = deps
    const announce = (): void => this.announce()
    this.deps = deps
    this.folder = folder
    this.slots = new Slots(service.slots, announce)
    this.active = new ActiveJobs(announce)
    this.readiness = new Readiness(announce)
    this.leases = makeLeases(deps, announce)
    this.guards = deps.guards ?? new GuardPool(() => startGuard(deps.groupDir))
    this.credentials = makeCredentialSource(deps)
    this.users = new JobUsers(deps.jobUser, service.slots.command)
    this.acker = new MessageAcker(deps.queues, log)
    this.row = new WorkerRowWriter(deps, {
      describe: () => this.#describe(),
      onLook: () => this.#noteDrainOrder(),
    })
    this.protection = new ProtectionManager({
      ...deps,
      minutes: service.timing.protectionMinutes,
      holdMs: service.timing.protectionHoldSeconds * 1000,
      taken: () => this.slots.taken,
      isDraining: () => this.isStopping || this.#hasDrainOrder,
      writeRow: () => this.row.write(),
    })
    for (const signal of [deps.stop, deps.abandon]) {
      signal.addEventListener('abort', announce, { once: true })
    }
  }

  /** Whether it is about to end. */
  get isStopping(): boolean {
    const { stop, abandon } = this.deps
    return stop.aborted || abandon.aborted || this.receiving.signal.aborted
  }

  /** Whether it may take a job of its queues now: not while it drains, stops, or cannot beat. */
  get isReceiving(): boolean {
    return !this.isStopping && !this.#hasDrainOrder && this.leases.isUp
  }

  /** Calls `listener` whenever slots, jobs, readiness, leases or orders have changed. */
  onNews(listener: () => void): void {
    this.#listeners.push(listener)
  }

  announce(): void {
    this.protection.nudge()
    for (const listener of this.#listeners) listener()
  }

  /** From here on nothing is received, and the row says so. */
  stopReceiving(): void {
    this.receiving.abort()
    this.announce()
  }

  /** After a look at the row: whether the scaler's order stands. */
  #noteDrainOrder(): void {
    const order = this.row.drainOrder()
    if (this.#hasDrainOrder === (order !== undefined)) return
    this.#hasDrainOrder = order !== undefined
    const message = order === undefined ? 'drain order ended' : 'drain order received'
    this.deps.log.info(message, { reason: order?.reason })
    this.announce()
  }

  #describe(): WorkerReport {
    const untilMs = this.protection.protectedUntilMs
    const note = this.protection.refusal ?? this.readiness.note ?? this.leases.note
    return {
      state: this.#state(),
      slots: this.slots.use(),
      jobs: this.active.list(),
      ...(untilMs !== undefined && { protectedUntil: toTimestamp(untilMs) }),
      ...(note !== undefined && { note }),
    }
  }

  /** `draining` under an order means: nothing taken, protection released; it may be stopped. */
  #state(): WorkerState {
    const isBusy = this.slots.taken > 0 || this.protection.mayBeHeld
    if (this.isStopping) return 'draining'
    if (isBusy) return 'busy'
    if (this.#hasDrainOrder) return 'draining'
    return this.readiness.isComplete && this.leases.isUp ? 'idle' : 'starting'
  }
}

function makeLeases(deps: WorkerDeps, onChange: () => void): Leases {
  const { beatSeconds } = deps.service.timing
  const renewerDeps = { ...deps, beatSeconds, onChange }
  return deps.makeLeases?.(renewerDeps) ?? new LeaseRenewer(renewerDeps, findBeatThread())
}

function makeCredentialSource({ jobCredentials, clock, log }: WorkerDeps): CredentialSource {
  if (jobCredentials === undefined) return noCredentials
  return new CredentialEndpoint({ credentials: jobCredentials, clock, log })
}
