import { toTimestamp } from '../../lib/job/job.ts'
import type { WorkerState } from '../../lib/scaling/worker-row.ts'
import { ActiveJobs } from './active-jobs.ts'
import { WakeableTimer } from '../../lib/pace/wakeable-timer.ts'
import { removeFolder } from '../run/attempt-folder.ts'
import { BeatKeeper, type Beats } from '../beats/beat-keeper.ts'
import { CredentialEndpoint } from '../credentials/credential-endpoint.ts'
import { type CredentialSource, noCredentials } from '../credentials/credential-source.ts'
import { GuardPool } from '../../lib/processes/guard-pool.ts'
import { JobUsers } from '../command/job-users.ts'
import { MessageAcker } from './message-acker.ts'
import { findBeatThread } from '../start/programs.ts'
import { ProtectionKeeper } from './protection-keeper.ts'
import { Readiness } from './readiness.ts'
import type { Receiver } from './receiver.ts'
import { Slots } from './slots.ts'
import type { WorkerDeps } from './worker-deps.ts'
import type { WorkerParts } from './worker-parts.ts'
import { type WorkerReport, WorkerRowWriter } from '../row/worker-row.ts'

/** Puts a worker together; nothing of it has spoken to the outside yet. */
export class RunningWorker {
  readonly parts: WorkerParts
  readonly row: WorkerRowWriter
  readonly rowTimer: WakeableTimer
  readonly readiness: Readiness
  /** Aborts when the worker's own loops should end. */
  readonly ending = new AbortController()
  /** Aborts when nothing may be received any more. */
  readonly receiving = new AbortController()
  readonly receivers: Receiver[] = []
  readonly acker: MessageAcker
  /** Woken when the model server's state changed. */
  readonly modelTimer: WakeableTimer
  readonly #background: Promise<void>[] = []
  #isDraining = false

  constructor(deps: WorkerDeps, folder: string) {
    const { service, workerId, taskId, table, clock, log } = deps
    const news = (): void => this.announce()
    const slots = new Slots(service.slots)
    this.rowTimer = new WakeableTimer(clock)
    this.modelTimer = new WakeableTimer(clock)
    this.acker = new MessageAcker(deps.queues, log)
    this.readiness = new Readiness(news)
    this.row = new WorkerRowWriter(
      { table, clock, log, workerId, taskId, version: service.version },
      { describe: () => this.#describe(), onLook: () => this.#noteDrain() },
    )
    this.parts = {
      deps,
      slots,
      folder,
      inHand: new Set(),
      active: new ActiveJobs(() => this.rowTimer.wake()),
      beats: makeBeats(deps, news),
      guards: deps.guards ?? new GuardPool(deps.groupDir),
      credentials: makeCredentialSource(deps),
      users: new JobUsers(deps.jobUser, service.slots.command),
      keeper: makeKeeper(deps, slots, this),
      isReceiving: () => !this.isStopping && !this.#isDraining && this.parts.beats.isUp,
      onRefused: () => this.readiness.model?.doubt(),
    }
    slots.onChange(news)
    deps.stop.addEventListener('abort', news, { once: true })
    deps.abandon.addEventListener('abort', news, { once: true })
  }

  get isStopping(): boolean {
    const { stop, abandon } = this.parts.deps
    return stop.aborted || abandon.aborted || this.receiving.signal.aborted
  }

  get isDraining(): boolean {
    return this.isStopping || this.#isDraining
  }

  /** After a look at the row: whether the scaler's order stands. */
  #noteDrain(): void {
    const order = this.row.drainOrder()
    if (this.#isDraining === (order !== undefined)) return
    this.#isDraining = order !== undefined
    const message = order === undefined ? 'drain order ended' : 'drain order received'
    this.parts.deps.log.info(message, { reason: order?.reason })
    this.announce()
  }

  /** From here on nothing is received, and the row says so. */
  noteEnding(): void {
    this.receiving.abort()
    this.announce()
  }

  /** Runs beside everything else until `ending`. */
  background(loop: Promise<void>): void {
    this.#background.push(loop)
  }

  /** Ends whatever still runs; the row says good-bye last. */
  async close(): Promise<void> {
    const { deps, guards, credentials, beats, keeper, folder } = this.parts
    this.ending.abort()
    await this.readiness.model?.close()
    await keeper.releaseNow()
    await Promise.all(this.#background)
    await guards.close()
    await credentials.close()
    await beats.close()
    await removeFolder(folder)
    await this.row.remove().catch((error: unknown) => {
      deps.log.warn('worker row not removed', { error: String(error) })
    })
  }

  /** Something changed: whoever waits for news looks again. */
  announce(): void {
    this.rowTimer.wake()
    this.modelTimer.wake()
    this.parts.keeper.nudge()
    for (const receiver of this.receivers) receiver.nudge()
  }

  #describe(): WorkerReport {
    const { slots, active, keeper, beats } = this.parts
    const untilMs = keeper.protectedUntilMs
    const note = keeper.refusal ?? this.readiness.note ?? beats.note
    return {
      state: this.#state(),
      slots: slots.use(),
      jobs: active.list(),
      ...(untilMs !== undefined && { protectedUntil: toTimestamp(untilMs) }),
      ...(note !== undefined && { note }),
    }
  }

  /** `draining` under an order means: nothing taken, protection released; it may be stopped. */
  #state(): WorkerState {
    const isBusy = this.parts.slots.taken > 0 || this.parts.keeper.mayBeHeld
    if (this.isStopping) return 'draining'
    if (isBusy) return 'busy'
    if (this.#isDraining) return 'draining'
    return this.readiness.isComplete && this.parts.beats.isUp ? 'idle' : 'starting'
  }
}

function makeBeats(deps: WorkerDeps, onChange: () => void): Beats {
  const { store, service, workerId, clock, log } = deps
  const { beatSeconds } = service.timing
  const beatDeps = { store, beatSeconds, workerId, clock, log, onChange }
  return deps.makeBeats?.(beatDeps) ?? new BeatKeeper(beatDeps, findBeatThread())
}

function makeCredentialSource({ jobCredentials, clock, log }: WorkerDeps): CredentialSource {
  if (jobCredentials === undefined) return noCredentials
  return new CredentialEndpoint({ credentials: jobCredentials, clock, log })
}

function makeKeeper(deps: WorkerDeps, slots: Slots, worker: RunningWorker): ProtectionKeeper {
  const { protection, kick, clock, log, service } = deps
  return new ProtectionKeeper({
    protection,
    kick,
    clock,
    log,
    minutes: service.timing.protectionMinutes,
    holdMs: service.timing.protectionHoldSeconds * 1000,
    taken: () => slots.taken,
    isDraining: () => worker.isDraining,
    writeRow: () => worker.row.write(),
  })
}
