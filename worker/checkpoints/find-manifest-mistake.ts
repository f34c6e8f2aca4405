import { checkFileKey, checkPath, jobPrefix } from '../../lib/job/keys.ts'
import type { CheckpointManifest } from './checkpoint-manifest.ts'

/**
 * Why a manifest does not belong to this job. A job that runs as its worker's user can take its worker's
 * rights, so its manifest is input from outside: it must not make another worker fetch another job's
 * files, nor write outside of the checkpoint folder.
 */
export function findManifestMistake(
  jobId: string,
  { jobId: named, files, previous }: CheckpointManifest,
): string | undefined {
  if (named !== jobId) return 'it is of another job'
  const prefix = jobPrefix(jobId)
  const keys = [...files.map(({ key }) => key), ...(previous ? [previous.manifestKey] : [])]
  const foreign = keys.find((key) => !key.startsWith(prefix) || !passes(checkFileKey, key))
  if (foreign !== undefined) return 'it names a file of another job'
  return findPathMistake(files.map(({ path }) => path))
}

function findPathMistake(paths: readonly string[]): string | undefined {
  const names = new Set(paths)
  if (names.size < paths.length) return 'it names a path twice'
  if (!paths.every((path) => passes(checkPath, path)))
    return 'it names a path that leads out of its folder'
  const isFolderToo = paths.some((path) => foldersOf(path).some((folder) => names.has(folder)))
  return isFolderToo ? 'it names one path as a file and as a folder' : undefined
}

function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

function passes(check: (text: string) => string, text: string): boolean {
  try {
    check(text)
    return true
  } catch {
    return false
  }
}
