import type { Change, Job } from '../job.ts'
import type { Table } from '../../ports/table.ts'
import { putJob, readJob, type StoredJob } from './job-row.ts'

export type ChangeResult<Refusal extends string> =
  | { readonly ok: true; readonly stored: StoredJob; readonly before: Job }
  | { readonly ok: false; readonly why: Refusal | 'absent'; readonly job?: Job }

/** Rounds of read, decide, write. Only beats and a cancel can meet, so two rounds nearly always do. */
const MAX_ROUNDS = 12

/**
 * One change of one job: a pure transition, written on the condition that the row is the one that
 * the transition saw. A row that changed meanwhile is read again and judged again, so the reason
 * for the change always holds for the row that it is written to.
 *
 * @param known the row as last seen, which saves the read where it still stands
 * @throws PortUnavailable when the table does not answer: whether the change happened is unknown
 */
export async function changeJob<Refusal extends string>(
  table: Table,
  target: { readonly id: string; readonly known?: StoredJob },
  transition: (job: Job) => Change<Refusal>,
): Promise<ChangeResult<Refusal>> {
  let current = target.known ?? (await readJob(table, target.id))
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    if (current === undefined) return { ok: false, why: 'absent' }
    const change = transition(current.job)
    if (change.ok) {
      const outcome = await table.write([putJob(change.job, { rev: current.rev })])
      if (outcome.ok) {
        const stored = { job: change.job, rev: outcome.revs[0] ?? current.rev + 1 }
        return { ok: true, stored, before: current.job }
      }
    } else if (round > 0 || target.known === undefined) {
      return { ok: false, why: change.why, job: current.job }
    }
    // Refused by the table, or judged on a remembered row only: the row itself decides.
    current = await readJob(table, target.id)
  }
  throw new Error(`job ${target.id} changed ${MAX_ROUNDS} times while it was being changed`)
}
