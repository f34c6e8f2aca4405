import type { WorkerJob } from '../../lib/scaling/worker-row.ts'
import type { RunControl, StopOrder } from '../run/run-control.ts'

interface ActiveJob {
  readonly shown: WorkerJob
  readonly control: RunControl
  /** SIGTERM to SIGKILL as the job asks for. */
  readonly graceMs: number
}

interface StandingOrder {
  readonly why: StopOrder['why']
  readonly maxGraceMs: number
}

/** The attempts that run in this worker now. */
export class ActiveJobs {
  readonly #jobs = new Set<ActiveJob>()
  readonly #onChange: () => void
  #standing: StandingOrder | undefined

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  add(job: ActiveJob): () => void {
    this.#jobs.add(job)
    if (this.#standing !== undefined) stop(job, this.#standing)
    this.#onChange()
    return () => {
      this.#jobs.delete(job)
      this.#onChange()
    }
  }

  list(): WorkerJob[] {
    return [...this.#jobs].map(({ shown }) => shown)
  }

  /**
   * Stops all of them, each with its own grace but none with more than `maxGraceMs`; also those
   * whose claim is just being written, as soon as they are added.
   */
  stopAll(why: StopOrder['why'], maxGraceMs: number): void {
    this.#standing = { why, maxGraceMs }
    for (const job of this.#jobs) stop(job, this.#standing)
  }
}

function stop({ control, graceMs }: ActiveJob, { why, maxGraceMs }: StandingOrder): void {
  control.stop({ why, graceMs: Math.min(graceMs, maxGraceMs) })
}
