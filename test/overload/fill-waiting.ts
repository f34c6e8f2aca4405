import { type Job, toTimestamp } from '../../lib/job/job.ts'
import { putJob } from '../../lib/job/store/job-row.ts'
import type { Queues } from '../../lib/ports/queues.ts'
import type { Table } from '../../lib/ports/table.ts'
import { aJob } from '../support/a-job.ts'

const ROWS_PER_WRITE = 100
const FIRST_ID = 3_711_718_195_200_000_000n

/**
 * Command jobs that wait since `nowMs`, oldest first, each with its first message sent.
 *
 * @returns their ids
 */
export async function fillWaiting(
  { table, queues }: { readonly table: Table; readonly queues: Queues },
  filling: { readonly count: number; readonly nowMs: number; readonly each?: Partial<Job> },
): Promise<string[]> {
  const at = toTimestamp(filling.nowMs)
  const readyAt = toTimestamp(filling.nowMs + 600_000)
  const times = { acceptedAt: at, queuedAt: at, readyAt, readySent: 1 }
  const jobs = Array.from({ length: filling.count }, (_, index) => {
    return aJob({ ...times, id: String(FIRST_ID + BigInt(index)), ...filling.each })
  })
  for (let from = 0; from < jobs.length; from += ROWS_PER_WRITE) {
    const some = jobs.slice(from, from + ROWS_PER_WRITE)
    await table.write(some.map((job) => putJob(job, 'absent')))
  }
  await queues.send(
    'command',
    jobs.map(({ id }) => ({ body: JSON.stringify({ jobId: id, attempt: 1 }) })),
  )
  return jobs.map(({ id }) => id)
}
