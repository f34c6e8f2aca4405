import { z } from 'zod'
import type { Files } from '../../lib/ports/files.ts'
import { readAtMost } from '../../lib/job/store/read-at-most.ts'

const fileSchema = z.object({
  path: z.string(),
  /** Where the content stands: an unchanged file keeps the key of the checkpoint that brought it. */
  key: z.string(),
  bytes: z.int().min(0),
  sha256: z.string(),
})
export type CheckpointFile = z.infer<typeof fileSchema>

const refSchema = z.object({
  attempt: z.int(),
  number: z.int(),
  manifestKey: z.string(),
})

/** The file that makes a checkpoint: what belongs to it, and the one accepted before it. */
const manifestSchema = z.object({
  jobId: z.string(),
  attempt: z.int(),
  number: z.int(),
  files: z.array(fileSchema),
  previous: refSchema.optional(),
})
export type CheckpointManifest = z.infer<typeof manifestSchema>
export type ManifestRef = z.infer<typeof refSchema>

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
  try {
    return manifestSchema.parse(JSON.parse(text.toString('utf8')))
  } catch {
    return undefined // damaged: the caller goes back to the one before
  }
}
