import { artifactsCheck, manifestCheck } from './answer-checks.ts'
import type { ArtifactFile, ArtifactsAnswer } from './answers.ts'
import { ApiError } from './api-error.ts'
import { callApi, type Connection } from './call-api.ts'
import { refuseNotEnded } from './get-result.ts'
import { readJson } from './read-json.ts'
import { receiveWhole } from './receive-link.ts'

/**
 * The files that a job has kept, with a link each; of very many only the first have one.
 *
 * @throws ApiError `job-not-ended`
 */
export async function getArtifacts(connection: Connection, id: string): Promise<ArtifactsAnswer> {
  const path = `/jobs/${id}/artifacts`
  const answer = await callApi(connection, { method: 'GET', path, repeatable: true })
  refuseNotEnded(answer)
  return readJson(answer, artifactsCheck)
}

/**
 * All files, however many. Those without a link of their own have a path of the API as `url`, which
 * gives the link when the file is downloaded.
 */
export async function listArtifacts(connection: Connection, id: string): Promise<ArtifactFile[]> {
  const { files, truncated, manifestUrl } = await getArtifacts(connection, id)
  if (!truncated || manifestUrl === undefined) return files
  const { body } = await receiveWhole(connection, manifestUrl)
  const manifest = readJson({ body, status: 200 }, manifestCheck)
  const links = new Map(files.map(({ path, url }) => [path, url]))
  return manifest.files.map(({ path, bytes, sha256 }) => {
    const url =
      links.get(path) ?? `/jobs/${id}/artifacts?${new URLSearchParams({ path }).toString()}`
    return { path, bytes, sha256, url }
  })
}

/** The link of a file; a path of the API is asked for it. */
export async function findLink(
  connection: Connection,
  { url, path }: ArtifactFile,
): Promise<string> {
  if (!url.startsWith('/jobs/')) return url
  const call = { method: 'GET', path: url, repeatable: true, mayRedirect: true } as const
  const { headers } = await callApi(connection, call)
  const link = headers.get('location')
  if (link === null) throw new ApiError('bad-answer', `the API gave no link for ${path}`)
  return link
}
