import type { LogPage } from '../../../lib/client/answers.ts'
import type { Stage } from '../stage.ts'
import { persist } from '../clients/persist.ts'
import type { Expected } from '../job-plan.ts'

export interface LogRead {
  readonly gotBytes: number
  readonly markedBytes: number
  /** Lines that were there twice, or that the job never wrote. */
  readonly strange: number
}

/** What the API gives back of the numbered lines of one attempt. */
export async function readJobLog(
  arena: Stage,
  { jobId, attempt }: { jobId: string; attempt: number },
  { lines, lineBytes }: NonNullable<Expected['log']>,
): Promise<LogRead> {
  const found = new Set<number>()
  let [strange, markedBytes] = [0, 0]
  for await (const line of readLines(arena, jobId)) {
    if (line.attempt !== attempt) continue
    markedBytes += line.cutBytes ?? 0
    if (line.stream !== 'stdout') continue
    const number = Number(/^L(\d{7}) x+$/.exec(line.text)?.[1])
    const isOurs = number >= 1 && number <= lines && line.text.length === lineBytes - 1
    if (!isOurs || found.has(number)) strange += 1
    else found.add(number)
  }
  return { gotBytes: found.size * lineBytes, markedBytes, strange }
}

/** Of these attempts, which the log marks as having a gap. */
export async function readGaps(
  arena: Stage,
  jobId: string,
  attempts: readonly number[],
): Promise<Set<number>> {
  const marked = new Set<number>()
  for await (const line of readLines(arena, jobId)) {
    if (line.cutBytes !== undefined && attempts.includes(line.attempt)) marked.add(line.attempt)
  }
  return marked
}

async function* readLines(arena: Stage, jobId: string): AsyncGenerator<LogPage['lines'][number]> {
  let cursor: string | undefined
  for (;;) {
    const page = await persist(() => arena.service.client.readLogs(jobId, { cursor }))
    yield* page.lines
    if (page.done || page.lines.length === 0) return
    cursor = page.cursor
  }
}
