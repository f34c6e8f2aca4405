import { z } from 'zod'

/** An attempt's `artifacts.json`: the files that it has kept. */
export const artifactManifestSchema = z.object({
  files: z.array(
    z.object({
      path: z.string(),
      bytes: z.int(),
      sha256: z.string(),
      contentType: z.string(),
    }),
  ),
})
export type ArtifactManifest = z.infer<typeof artifactManifestSchema>
