import type { WorkerJob } from '../lib/core/worker-row.ts'
import type { RunControl, StopOrder } from './run-control.ts'

interface ActiveJob {
  readonly shown: WorkerJob
  readonly control: RunControl
  /** SIGTERM to SIGKILL as the job asks for. */
  readonly graceMs: number
}

/** The attempts that run in this worker now. */
export class ActiveJobs {
  readonly #jobs = new Set<ActiveJob>()
  readonly #onChange: () => void

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  add(job: ActiveJob): () => void {
    this.#jobs.add(job)
    this.#onChange()
    return () => {
      this.#jobs.delete(job)
      this.#onChange()
    }
  }

  list(): WorkerJob[] {
    return [...this.#jobs].map(({ shown }) => shown)
  }

  /** Stops all of them, each with its own grace but none with more than `maxGraceMs`. */
  stopAll(why: StopOrder['why'], maxGraceMs: number): void {
    for (const { control, graceMs } of this.#jobs) {
      control.stop({ why, graceMs: Math.min(graceMs, maxGraceMs) })
    }
  }
}
