import {
  isListOf,
  isObjectOf,
  isOptional,
  isText,
  isWhole,
  parseJsonOf,
} from '../../lib/parsing/checks.ts'
import type { Files } from '../../lib/ports/files.ts'
import { readAtMost } from '../../lib/job/store/read-at-most.ts'

export interface CheckpointFile {
  readonly path: string
  /** Where the content stands: an unchanged file keeps the key of the checkpoint that brought it. */
  readonly key: string
  readonly bytes: number
  readonly sha256: string
}

export interface ManifestRef {
  readonly attempt: number
  readonly number: number
  readonly manifestKey: string
}

/** The file that makes a checkpoint: what belongs to it, and the one accepted before it. */
export interface CheckpointManifest {
  readonly jobId: string
  readonly attempt: number
  readonly number: number
  readonly files: readonly CheckpointFile[]
  readonly previous?: ManifestRef
}

const isManifest = isObjectOf<CheckpointManifest>({
  jobId: isText,
  attempt: isWhole,
  number: isWhole,
  files: isListOf(
    isObjectOf<CheckpointFile>({
      path: isText,
      key: isText,
      bytes: (value): value is number => isWhole(value) && value >= 0,
      sha256: isText,
    }),
  ),
  previous: isOptional(
    isObjectOf<ManifestRef>({ attempt: isWhole, number: isWhole, manifestKey: isText }),
  ),
})

const MAX_MANIFEST_BYTES = 33_554_432

/**
 * @returns nothing when it is absent or no manifest
 * @throws PortUnavailable
 */
export async function readManifest(
  files: Files,
  key: string,
): Promise<CheckpointManifest | undefined> {
  const text = await readAtMost(files, key, MAX_MANIFEST_BYTES)
  // Larger than any of ours: somebody else wrote it.
  if (text === undefined || text === 'too-large') return undefined
  // Of one that is damaged: the caller goes back to the one before.
  return parseJsonOf(text.toString('utf8'), isManifest)
}
