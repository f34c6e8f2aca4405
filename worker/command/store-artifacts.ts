import { join, extname } from 'node:path'
import type { Job } from '../../lib/job/job.ts'
import { artifactKey, manifestKey } from '../../lib/job/keys.ts'
import { hashFile, type ScannedFile, scanFolder } from '../run/folders/scan-folder.ts'
import { mapAtOnce } from '../../lib/pace/map-at-once.ts'
import { retryWhileHeld } from '../run/retry-while-held.ts'
import { type Attempt, failed, type RunResult } from '../run/attempt.ts'
import { describeFault } from '../../lib/registry/system-faults.ts'

/** Each waits for the disk, or for the network, most of its time. */
const UPLOADS_AT_ONCE = 8

/** What browsers can show; anything else is bytes to download. */
const TYPES: Readonly<Record<string, string>> = {
  '.csv': 'text/csv',
  '.gif': 'image/gif',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.json': 'application/json',
  '.jsonl': 'application/x-ndjson',
  '.log': 'text/plain; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webp': 'image/webp',
}

/** One line of an attempt's `artifacts.json`. */
interface ArtifactEntry {
  readonly path: string
  readonly bytes: number
  readonly sha256: string
  readonly contentType: string
}

/**
 * Stores everything in the artifacts folder once nothing of the attempt runs any more: each file
 * with its checksum, then the list of them. Links, special files and names that are not UTF-8 are
 * skipped, with a line in the log. Also of a failed attempt; a success whose files cannot be stored
 * becomes a failure.
 *
 * @returns the result with the artifacts in it
 */
export async function storeArtifacts(attempt: Attempt, result: RunResult): Promise<RunResult> {
  if (result.kind !== 'outcome' || attempt.control.isLost) return result
  const { outcome } = result
  try {
    const artifacts = await storeAll(attempt)
    return { kind: 'outcome', outcome: { ...outcome, ...(artifacts && { artifacts }) } }
  } catch (error) {
    attempt.log.error('artifacts not stored', { error: String(error) })
    if (outcome.status !== 'succeeded') return result
    const message = `the artifacts could not be stored: ${describeFault(error)}`
    const end = { ...outcome.end, reason: 'artifacts-failed', message } as const
    return failed(end, true)
  }
}

/**
 * @returns nothing when the folder is empty, or gone
 * @throws PortUnavailable when the store stays away longer than the lease
 */
async function storeAll(attempt: Attempt): Promise<Job['artifacts'] | undefined> {
  const { folder, jobLog, prefix, deps } = attempt
  const { files, skipped } = await scanFolder(folder.artifactsDir)
  for (const { path, why } of skipped) jobLog.system(`artifact ${path} was not stored: ${why}`)
  if (files.length === 0) return undefined
  const entries = await mapAtOnce(files, UPLOADS_AT_ONCE, (file) => storeFile(attempt, file))
  const key = manifestKey(prefix)
  const body = JSON.stringify({ files: entries })
  await retryWhileHeld(attempt, () =>
    deps.files.put({ key, body, contentType: 'application/json' }),
  )
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0)
  return { manifestKey: key, files: entries.length, bytes }
}

async function storeFile(attempt: Attempt, { path, bytes }: ScannedFile): Promise<ArtifactEntry> {
  const { folder, prefix, deps } = attempt
  const full = join(folder.artifactsDir, path)
  const contentType = contentTypeOf(path)
  const put = { key: artifactKey(prefix, path), body: { path: full }, contentType }
  const sha256 = await hashFile(full)
  await retryWhileHeld(attempt, () => deps.files.put(put))
  return { path, bytes, sha256, contentType }
}

function contentTypeOf(path: string): string {
  return TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream'
}
