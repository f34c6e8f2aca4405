import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { checkPath } from '../../lib/job/keys.ts'
import { retryWhileHeld } from '../run/retry-while-held.ts'
import type { Attempt } from '../run/attempt.ts'
import { findManifestMistake } from './find-manifest-mistake.ts'
import {
  type CheckpointFile,
  type CheckpointManifest,
  type ManifestRef,
  readManifest,
} from './checkpoint-manifest.ts'

/** A checkpoint that stands in the attempt's folder. */
export interface RestoredCheckpoint {
  readonly manifest: CheckpointManifest
  readonly ref: ManifestRef
}

/** How many earlier checkpoints are tried when the last one is damaged. */
const MAX_STEPS_BACK = 5

/**
 * Puts the job's last accepted checkpoint into the attempt's folder, each file with its checksum
 * proven. A damaged one is left for the one before it; without any the attempt begins anew. Each of
 * these is said in the log.
 *
 * @throws PortUnavailable when the store stays away longer than the lease
 */
export async function restoreCheckpoint(attempt: Attempt): Promise<RestoredCheckpoint | undefined> {
  const { job, jobLog, deps } = attempt
  if (job.checkpointSeconds === 0) return undefined
  let ref: ManifestRef | undefined = job.checkpoint
  for (let step = 0; ref !== undefined && step < MAX_STEPS_BACK; step += 1) {
    const { number, manifestKey } = ref
    const name = `checkpoint ${number} of attempt ${ref.attempt}`
    const manifest = await retryWhileHeld(attempt, () => readManifest(deps.files, manifestKey))
    if (manifest === undefined) break
    const foreign = findManifestMistake(job.id, manifest)
    const mistake = foreign ?? (await fetchFiles(attempt, manifest))
    if (mistake === undefined) {
      jobLog.system(`resumed from ${name}`)
      return { manifest, ref: { attempt: ref.attempt, number, manifestKey } }
    }
    jobLog.system(`${name} is damaged (${mistake}) and was left aside`)
    ref = foreign === undefined ? manifest.previous : undefined
  }
  if (job.checkpoint !== undefined) jobLog.system('no checkpoint could be used; starting anew')
  return undefined
}

/** What is wrong with it, or nothing; the folder is then empty again. */
async function fetchFiles(
  attempt: Attempt,
  manifest: CheckpointManifest,
): Promise<string | undefined> {
  const { checkpointDir } = attempt.folder
  for (const file of manifest.files) {
    const mistake = await retryWhileHeld(attempt, () => fetchFile(attempt, file))
    if (mistake !== undefined) {
      await rm(checkpointDir, { recursive: true, force: true })
      await mkdir(checkpointDir)
      return mistake
    }
  }
  return undefined
}

async function fetchFile(attempt: Attempt, file: CheckpointFile): Promise<string | undefined> {
  const target = join(attempt.folder.checkpointDir, checkPath(file.path))
  const found = await attempt.deps.files.stream(file.key)
  if (found === undefined) return `${file.path} is missing`
  await mkdir(dirname(target), { recursive: true })
  const hash = createHash('sha256')
  await pipeline(found.body, hashing(hash), createWriteStream(target))
  return hash.digest('hex') === file.sha256 ? undefined : `${file.path} has another checksum`
}

function hashing(hash: { update(piece: Buffer): unknown }) {
  return async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const piece of source) {
      hash.update(piece)
      yield piece
    }
  }
}
