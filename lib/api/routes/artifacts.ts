import { z } from 'zod'
import { artifactsAnswerSchema } from '../contract/answers.ts'
import { EXAMPLE_JOB_ID, jobViewSchema } from '../contract/job-view-schema.ts'
import { toJobView } from '../contract/job-view.ts'
import { type ArtifactManifest, artifactManifestSchema } from '../../job/artifact-manifest.ts'
import { ServiceError, showValue } from '../../registry/errors.ts'
import { isEnded, type Job, toTimestamp } from '../../job/job.ts'
import { artifactKey, checkPath } from '../../job/keys.ts'
import { readAtMost } from '../../job/store/read-at-most.ts'
import { EXAMPLE_JOB } from '../openapi/examples.ts'
import { findJob, jobParams } from '../find-job.ts'
import { ROUTE_PLACES } from '../contract/route-places.ts'
import { asJson, type Call, defineRoute } from '../route.ts'

const LINK_SECONDS = 3600
/** Links of one answer; `manifestUrl` lists further files, `?path=` gives the link of each. */
const MAX_LINKS = 1000
const MAX_MANIFEST_BYTES = 64 * 1_048_576

const MAX_PATH_CHARS = 900
/** What `checkPath` takes, as JSON Schema says it; the path itself is checked where its key is made. */
const ARTIFACT_PATH = String.raw`^(?!(?:.*/)?\.{1,2}(?:/|$))[^/\\\u0000-\u001f\u007f]+(?:/[^/\\\u0000-\u001f\u007f]+)*$`

const artifactsQuery = z.strictObject({
  path: z.string().max(MAX_PATH_CHARS).optional().meta({
    pattern: ARTIFACT_PATH,
    description: 'One file: answers with a redirect to its link.',
    example: 'model/weights.bin',
  }),
})

export const artifacts = defineRoute({
  ...ROUTE_PLACES.artifacts,
  group: 'files',
  summary: 'Files that a job has kept',
  description:
    'Name, size, checksum and a download link of every file of the accepted attempt. A job that has not ended answers 202.',
  params: jobParams,
  query: artifactsQuery,
  answers: {
    200: {
      description: 'The files, perhaps none.',
      content: asJson(artifactsAnswerSchema, {
        jobId: EXAMPLE_JOB_ID,
        status: 'succeeded',
        files: [
          {
            path: 'model/weights.bin',
            bytes: 1048,
            sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
            url: 'https://bucket.example/jobs/…',
          },
        ],
        truncated: false,
        manifestUrl: 'https://bucket.example/jobs/…',
        expiresAt: '2026-01-01T13:00:00.000Z',
      }),
    },
    202: {
      description: 'The job has not ended yet: the job as it stands.',
      content: asJson(jobViewSchema, EXAMPLE_JOB),
    },
    303: {
      description: 'With `path`: the file is at `Location`, without a token.',
      headers: { Location: 'Link that downloads the file.' },
    },
  },
  errors: ['invalid-request', 'invalid-path', 'not-found'],
  handle: async (call, { path }) => {
    const { api, c } = call
    const { job } = await findJob(call)
    if (path !== undefined) checkPath(path)
    if (!isEnded(job.status)) return c.json(toJobView(job, api.clock.now()), 202)
    if (path !== undefined) return redirectToFile(call, job, path)
    return listFiles(call, job)
  },
})

async function listFiles({ api, c }: Call, job: Job): Promise<Response> {
  const { files } = api
  const manifest = await readManifest(files, job)
  const shown = manifest.files.slice(0, MAX_LINKS)
  const linked = await Promise.all(
    shown.map(async ({ path, bytes, sha256 }) => {
      const url = await files.downloadLink(
        artifactKey(job.acceptedPrefix ?? '', path),
        LINK_SECONDS,
      )
      return { path, bytes, sha256, url }
    }),
  )
  const manifestKey = job.artifacts?.manifestKey
  return c.json({
    jobId: job.id,
    status: job.status,
    files: linked,
    truncated: shown.length < manifest.files.length,
    ...(manifestKey !== undefined && {
      manifestUrl: await files.downloadLink(manifestKey, LINK_SECONDS),
    }),
    expiresAt: toTimestamp(api.clock.now() + LINK_SECONDS * 1000),
  })
}

async function readManifest(files: Call['api']['files'], job: Job): Promise<ArtifactManifest> {
  if (job.artifacts === undefined) return { files: [] }
  const content = await readAtMost(files, job.artifacts.manifestKey, MAX_MANIFEST_BYTES)
  if (content === 'too-large') throw unreadable()
  if (content === undefined) throw gone('job.artifacts', 'are no longer kept')
  return parseManifest(content.toString('utf8'))
}

/** A job may have taken the rights of its worker, so that its manifest is input from outside. */
function parseManifest(text: string): ArtifactManifest {
  try {
    const manifest = artifactManifestSchema.parse(JSON.parse(text))
    for (const { path } of manifest.files) checkPath(path)
    return manifest
  } catch {
    throw unreadable()
  }
}

function unreadable(): ServiceError {
  return gone('job.artifacts', 'have a list that cannot be read')
}

async function redirectToFile({ api, c }: Call, job: Job, path: string): Promise<Response> {
  const key = artifactKey(job.acceptedPrefix ?? '', path)
  const info = job.acceptedPrefix === undefined ? undefined : await api.files.info(key)
  if (info === undefined) throw gone('query.path', 'is no artifact of this job', path)
  return c.redirect(await api.files.downloadLink(key, LINK_SECONDS), 303)
}

function gone(path: string, problem: string, got?: string): ServiceError {
  return new ServiceError('not-found', `${path} ${problem}`, {
    details: [{ path, problem, ...(got !== undefined && { got: showValue(got) }) }],
  })
}
