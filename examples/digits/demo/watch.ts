import { explainReason } from '../../../lib/cli/read-decisions.ts'
import { countWaiting } from '../../../lib/console/page/overview/decisions.js'
import type { Job, ServiceView } from '../../../lib/client/answers.ts'
import type { Client } from '../../../lib/client/client.ts'
import type { Timeline } from './timeline.ts'

/** One change of the wanted count, for the summary. */
export interface ScaleEvent {
  readonly atSeconds: number
  readonly wanted: number
  readonly reason: string
}

/** What the watcher tells of the jobs it is given. */
export interface WatchedJob {
  readonly name: string
  readonly id: string
}

/**
 * Follows the service over its API, as any user can, and prints every change: queue, workers, the
 * scaler's decisions with their reasons, and how the jobs get on.
 */
export class Watch {
  readonly scaleEvents: ScaleEvent[] = []
  mostWorkers = 0
  readonly #client: Client
  readonly #timeline: Timeline
  readonly #told = new Map<string, string>()
  #lastDecisionAtMs = 0

  constructor(client: Client, timeline: Timeline) {
    this.#client = client
    this.#timeline = timeline
  }

  /** Looks once and tells what is new. */
  async look(jobs: readonly WatchedJob[]): Promise<{ service: ServiceView; views: Job[] }> {
    const service = await this.#client.service()
    const views = await Promise.all(jobs.map(({ id }) => this.#client.get(id)))
    this.#tellDecisions(service)
    this.#tellFleet(service, views)
    for (const [index, view] of views.entries()) this.#tellJob(jobs[index]?.name ?? '', view)
    return { service, views }
  }

  #tellDecisions(service: ServiceView): void {
    const fresh = (service.decisions ?? [])
      .filter(({ atMs }) => atMs > this.#lastDecisionAtMs)
      .toSorted((one, other) => one.atMs - other.atMs)
    for (const decision of fresh) {
      const { atMs, wanted, reason } = decision
      this.#lastDecisionAtMs = atMs
      if (reason === 'steady') continue // nothing changes, so there is nothing to tell
      const count = countWaiting(decision)
      const waiting = count === undefined ? '' : ` (${count} waiting)`
      const workers = wanted === 1 ? '1 worker' : `${wanted} workers`
      this.#tell('scaler', `wants ${workers}: ${reason}${waiting}`, explainReason(reason))
      if (this.scaleEvents.at(-1)?.wanted === wanted) continue
      this.scaleEvents.push({ atSeconds: this.#timeline.seconds, wanted, reason })
    }
  }

  #tellFleet(service: ServiceView, views: readonly Job[]): void {
    const states = (service.workers ?? []).map(({ state }) => state)
    this.mostWorkers = Math.max(this.mostWorkers, states.length)
    const count = (status: string) => views.filter((view) => view.status === status).length
    const detail = states.length === 0 ? '' : ` (${states.toSorted().join(', ')})`
    const jobs = `${count('queued')} waiting, ${count('running')} running`
    this.#tell('fleet', `workers ${states.length}${detail} · jobs ${jobs}`)
  }

  #tellJob(name: string, view: Job): void {
    const { status, progress, runSeconds, message } = view
    if (status === 'queued') return
    if (status !== 'running') {
      this.#tell(name, `${status} after ${runSeconds?.toFixed(1)} s: ${message}`)
      return
    }
    // Quarters are enough: the log has every epoch.
    const quarter = Math.floor((progress?.fraction ?? 0) * 4)
    const note = quarter === 0 ? `started on worker ${view.workerId?.slice(0, 8)}` : progress?.note
    this.#tell(name, `${quarter * 25} %  ${note}`, undefined, `${name}:${quarter}`)
  }

  /** Tells it unless it was the last thing told under this key. */
  #tell(who: string, text: string, more?: string, key = who): void {
    const told = this.#told.get(key)
    if (told === text || (key !== who && told !== undefined)) return
    this.#told.set(key, text)
    this.#timeline.event(who, more === undefined ? text : `${text} — ${more}`)
  }
}
