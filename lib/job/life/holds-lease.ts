import type { Job } from '../job.ts'

/** One attempt by one worker: what every later write of that attempt is fenced on. */
export interface Holder {
  readonly workerId: string
  readonly attempt: number
}

/** Whether this attempt still has the right to the job. */
export function holdsLease(job: Job, holder: Holder): boolean {
  return (
    job.status === 'running' &&
    job.attempt === holder.attempt &&
    job.lease?.workerId === holder.workerId
  )
}
