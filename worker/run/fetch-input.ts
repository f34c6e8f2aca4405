import { createWriteStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { jobInputKey } from '../../lib/job/keys.ts'
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
  const row = await deps.table.get(jobInputKey(job.id))
  const base64 = row?.data['base64']
  if (typeof base64 !== 'string') return false
  await writeFile(folder.inputFile, Buffer.from(base64, 'base64'))
  return true
}
