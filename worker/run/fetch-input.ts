import { createWriteStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { readInput } from '../../lib/job/store/job-input.ts'
import { retryWhileHeld } from './retry-while-held.ts'
import type { Attempt } from './attempt.ts'

/**
 * Puts the job's input into the attempt's folder.
 *
 * @returns false when it no longer stands where the job says
 * @throws PortUnavailable when the store stays away
 */
export function fetchInput(attempt: Attempt): Promise<boolean> {
  return retryWhileHeld(attempt, () => write(attempt))
}

async function write({ deps, job, folder }: Attempt): Promise<boolean> {
  if (job.input.kind === 'file') {
    const found = await deps.files.stream(job.input.key)
    if (found === undefined) return false
    await pipeline(found.body, createWriteStream(folder.inputFile))
    return true
  }
  const bytes = await readInput(deps.table, job.id)
  if (bytes === undefined) return false
  await writeFile(folder.inputFile, bytes)
  return true
}
