import { join } from 'node:path'
import type { Job } from '../../lib/job/job.ts'
import { artifactKey, manifestKey } from '../../lib/job/keys.ts'
import { contentTypeOf } from './content-type-of.ts'
import { hashFile } from './folders/hash-file.ts'
import { type ScannedFile, scanFolder } from './folders/scan-folder.ts'
import { mapAtOnce } from '../../lib/pace/map-at-once.ts'
import { retryWhileHeld } from './retry-while-held.ts'
import type { RunContext } from './run-context.ts'

/** Each waits for the disk, or for the network, most of its time. */
const UPLOADS_AT_ONCE = 8

/** One line of an attempt's `artifacts.json`. */
interface ArtifactEntry {
  readonly path: string
  readonly bytes: number
  readonly sha256: string
  readonly contentType: string
}

/**
 * Keeps everything in the artifacts folder once nothing of the attempt runs any more: each file
 * with its checksum, then the list of them. Links, special files and names that are no UTF-8 are
 * skipped, with a line in the log.
 *
 * @returns nothing when the folder is empty, or gone
 * @throws PortUnavailable when the store stays away longer than the lease
 */
export async function keepArtifacts(context: RunContext): Promise<Job['artifacts'] | undefined> {
  const { folder, jobLog, prefix, deps } = context
  const { files, skipped } = await scanFolder(folder.artifactsDir)
  for (const { path, why } of skipped) jobLog.system(`artifact ${path} was not kept: ${why}`)
  if (files.length === 0) return undefined
  const entries = await mapAtOnce(files, UPLOADS_AT_ONCE, (file) => keepFile(context, file))
  const key = manifestKey(prefix)
  const body = JSON.stringify({ files: entries })
  await retryWhileHeld(context, () =>
    deps.files.put({ key, body, contentType: 'application/json' }),
  )
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0)
  return { manifestKey: key, files: entries.length, bytes }
}

async function keepFile(context: RunContext, { path, bytes }: ScannedFile): Promise<ArtifactEntry> {
  const { folder, prefix, deps } = context
  const full = join(folder.artifactsDir, path)
  const contentType = contentTypeOf(path)
  const put = { key: artifactKey(prefix, path), body: { path: full }, contentType }
  const sha256 = await hashFile(full)
  await retryWhileHeld(context, () => deps.files.put(put))
  return { path, bytes, sha256, contentType }
}
