/**
 * The model server of a service with a port: started once for the worker, through a guard, so that
 * it never outlives the worker.
 *
 * States: starting → ready → (it dies) → starting …; it is `ready` while its port is open. One that
 * took no connection is `ready` again once its port answers. A server that has not opened its port
 * within `startSeconds` is killed and tried again after a back-off.
 * `failedStarts` counts failures in a row; what follows from them is decided in `run-worker.ts`.
 */
import { once } from 'node:events'
import type { Clock } from '../../lib/ports/clock.ts'
import type { Log } from '../../lib/ports/log.ts'
import type { Guards } from '../../lib/processes/guard-pool.ts'
import type { Guard, GuardEnd } from '../../lib/processes/start-guard.ts'
import { logLines } from '../logs/split-lines.ts'
import type { Pace } from '../loop/pace.ts'
import { isPortOpen, type Model } from './model.ts'

export interface ModelServerOptions {
  /** Shell text. */
  readonly command: string
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly port: number
  readonly startSeconds: number
  readonly guards: Guards
  readonly clock: Clock
  readonly pace: Pace
  readonly log: Log
  /** After each change of state. */
  readonly onChange: () => void
}

/** The guard kills a server whose worker has been silent for so long. */
const LEASE_MS = 60_000
const LEASE_BEAT_MS = 10_000
const PROBE_MS = 100
const STOP_GRACE_MS = 10_000

export class ModelServer implements Model {
  readonly #options: ModelServerOptions
  readonly #closing = new AbortController()
  readonly #running: Promise<void>
  #doubted = new AbortController()
  isReady = false
  /** Starts in a row that did not open the port. */
  failedStarts = 0
  /** Why it is not ready. */
  note = 'the model server is starting'

  constructor(options: ModelServerOptions) {
    this.#options = options
    this.#running = this.#keepRunning()
  }

  doubt(): void {
    if (!this.isReady) return
    this.note = 'the model server took no connection'
    this.#set(false)
    this.#doubted.abort()
  }

  /** SIGTERM, ten seconds, SIGKILL; resolves once nothing of it runs any more. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#running
  }

  async #keepRunning(): Promise<void> {
    const { clock, log, pace } = this.#options
    const { signal } = this.#closing
    const wait = pace.backoff('modelServer')
    while (!signal.aborted) {
      const wasReady = await this.#runOnce().catch((error: unknown) => {
        log.error('model server could not be started', { error: String(error) })
        return false
      })
      if (signal.aborted) return
      this.failedStarts = wasReady ? 0 : this.failedStarts + 1
      this.#set(false)
      if (wasReady) wait.reset()
      await clock.sleep(wait.nextMs(), signal)
    }
  }

  /** One life of the server; answers whether its port was ever open. */
  async #runOnce(): Promise<boolean> {
    const { command, cwd, env, guards, clock } = this.#options
    const leaseUntilMs = (): number => clock.monotonicMs() + LEASE_MS
    const guard = await guards.take()
    const leaseTimer = setInterval(() => guard.beat(leaseUntilMs()), LEASE_BEAT_MS)
    const stop = (): void => guard.stop(STOP_GRACE_MS)
    try {
      logLines(this.#options.log, 'model server says', guard)
      const leased = { leaseUntilMs: leaseUntilMs() }
      guard.run({ file: '/bin/sh', args: ['-c', command], cwd, env, ...leased })
      this.#closing.signal.addEventListener('abort', stop, { once: true })
      if (this.#closing.signal.aborted) stop()
      const opened = await this.#serve(guard)
      guard.stop(STOP_GRACE_MS) // no effect on one that has ended
      this.note = describeServerEnd(await guard.ended, opened)
      this.#options.log.warn('model server ended', { note: this.note })
      return opened
    } finally {
      clearInterval(leaseTimer)
      this.#closing.signal.removeEventListener('abort', stop)
      guard.close()
    }
  }

  /** Until the server has ended, or keeps its port closed; answers whether it was ever open. */
  async #serve(guard: Guard): Promise<boolean> {
    let opened = false
    while (await this.#awaitPort(guard)) {
      opened = true
      this.#doubted = new AbortController()
      this.#set(true)
      const doubted = once(this.#doubted.signal, 'abort')
      await Promise.race([guard.ended, doubted])
    }
    return opened
  }

  #set(isReady: boolean): void {
    if (isReady) this.failedStarts = 0
    this.isReady = isReady
    this.#options.onChange()
  }

  async #awaitPort(guard: Guard): Promise<boolean> {
    const { port, startSeconds, clock } = this.#options
    const deadlineMs = clock.monotonicMs() + startSeconds * 1000
    let hasEnded = false
    void guard.ended.then(() => {
      hasEnded = true
    })
    while (clock.monotonicMs() < deadlineMs && !this.#closing.signal.aborted) {
      if (hasEnded) return false
      if (await isPortOpen(port)) return !hasEnded
      await clock.sleep(PROBE_MS, this.#closing.signal)
    }
    return false
  }
}

function describeServerEnd(end: GuardEnd, opened: boolean): string {
  const how = end.is === 'gone' ? `it ended with ${end.signal ?? end.exitCode}` : end.message
  return opened
    ? `the model server stopped: ${how}`
    : `the model server did not open its port: ${how}`
}
