import type { JobPlan } from './job-plan.ts'

/** A job that the service is known to have. */
export interface KnownJob {
  readonly jobId: string
  readonly plan: JobPlan
  /** When the output queue first told of its end. */
  toldAtMs?: number
  /** When the API first showed its end. */
  shownAtMs?: number
}

/** The plans of a campaign and the jobs that came of them. */
export class KnownJobs {
  readonly #byId = new Map<string, KnownJob>()
  readonly #byPlan = new Map<number, KnownJob>()
  readonly #plans = new Map<number, JobPlan>()

  plan(plan: JobPlan): void {
    this.#plans.set(plan.n, plan)
  }

  /** A job that was not known yet, of this plan. */
  add(jobId: string, n: number): KnownJob {
    const plan = this.#plans.get(n)
    if (plan === undefined) throw new Error(`job ${jobId} names plan ${n}, which there is not`)
    const job: KnownJob = { jobId, plan }
    this.#byId.set(jobId, job)
    this.#byPlan.set(n, job)
    return job
  }

  /** The job that came of a plan last. */
  ofPlan(n: number): KnownJob | undefined {
    return this.#byPlan.get(n)
  }

  find(jobId: string): KnownJob | undefined {
    return this.#byId.get(jobId)
  }

  get all(): readonly KnownJob[] {
    return [...this.#byId.values()]
  }

  /** How many have no known end. */
  get open(): number {
    return this.all.filter(({ toldAtMs, shownAtMs }) => (toldAtMs ?? shownAtMs) === undefined)
      .length
  }
}
