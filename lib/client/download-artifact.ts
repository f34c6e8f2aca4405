import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { checkPath } from '../job/keys.ts'
import type { ArtifactFile } from './answers.ts'
import { ApiError } from './api-error.ts'
import type { Connection } from './call-api.ts'
import { findLink } from './list-artifacts.ts'
import { receiveLink } from './receive-link.ts'

/**
 * Downloads one artifact: streamed beside its place, checked against size and checksum, then
 * renamed, so that a half or damaged file is never found under its name. A file that is there is
 * replaced.
 *
 * @returns where it is
 * @throws ApiError `unreachable`, `timed-out`, `bad-download`
 * @throws ServiceError `invalid-path` for a path that would leave the folder
 */
export async function downloadArtifact(
  connection: Connection,
  {
    file,
    folder,
    signal,
  }: { file: ArtifactFile; folder: string; signal?: AbortSignal | undefined },
): Promise<string> {
  const target = targetPath(folder, file.path)
  const link = await findLink(connection, file)
  await mkdir(dirname(target), { recursive: true })
  const partial = join(dirname(target), `.${randomUUID()}.part`)
  try {
    const { body } = await receiveLink(connection, link, signal)
    await writeChecked(body, partial, file)
    await rename(partial, target)
    return target
  } finally {
    await rm(partial, { force: true })
  }
}

function targetPath(folder: string, path: string): string {
  const root = resolve(folder)
  const target = resolve(root, checkPath(path))
  if (target.startsWith(root.endsWith(sep) ? root : root + sep)) return target
  throw new ApiError('bad-download', `${path} would be written outside of ${root}`)
}

async function writeChecked(
  body: AsyncIterable<Uint8Array>,
  partial: string,
  { path, bytes, sha256 }: ArtifactFile,
): Promise<void> {
  const hash = createHash('sha256')
  let received = 0
  const file = await open(partial, 'wx')
  try {
    for await (const chunk of body) {
      hash.update(chunk)
      received += chunk.byteLength
      await file.writeFile(chunk)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  if (received !== bytes) {
    throw new ApiError('bad-download', `${path} arrived with ${received} bytes instead of ${bytes}`)
  }
  const digest = hash.digest('hex')
  if (sha256 !== undefined && digest !== sha256) {
    throw new ApiError(
      'bad-download',
      `${path} arrived with the checksum ${digest} instead of ${sha256}`,
    )
  }
}
