import { ApiError } from '../../../lib/client/api-error.ts'
import type { JobView } from '../../../lib/api/contract/job-view-schema.ts'
import { isEnded } from '../../../lib/job/job.ts'
import type { Stage } from '../stage.ts'
import { persist } from '../clients/persist.ts'
import { sha256 } from '../expected-answer.ts'
import type { KnownJob } from '../known-jobs.ts'
import { digestEnd } from './digest-end.ts'

/** A job as the API shows it, with what it came to. */
export interface Inspected {
  readonly view: JobView
  /** SHA-256 of the answer of a query. */
  readonly answer?: string
  /** SHA-256 of the artifacts of a command, as downloaded. */
  readonly artifacts?: Readonly<Record<string, string>>
}

/** Asks the API for a job and, once it has ended, for everything of its end; notes that end. */
export async function inspectJob(arena: Stage, job: KnownJob): Promise<Inspected> {
  const { jobId, plan } = job
  const view = await persist(() => arena.service.client.get(jobId))
  if (!isEnded(view.status)) return { view }
  const content = await readContent(arena, { view, plan })
  const { answer, artifacts } = content
  const digest = digestEnd(view, answer ?? (artifacts ? JSON.stringify(artifacts) : ''))
  const at = Date.now()
  job.shownAtMs ??= at
  const { attempt, status, reason = '' } = view
  arena.ledger.record({ what: 'ended', at, where: 'api', jobId, attempt, status, reason, digest })
  return { view, ...content }
}

async function readContent(
  arena: Stage,
  { view, plan }: { view: JobView; plan: KnownJob['plan'] },
): Promise<Omit<Inspected, 'view'>> {
  if (view.result !== undefined) {
    const { body } = await persist(() => arena.service.client.result(view.id))
    return { answer: sha256(body) }
  }
  if (plan.expected.artifacts === undefined) return {}
  return { artifacts: await persist(() => readArtifacts(arena, view.id)) }
}

async function readArtifacts(arena: Stage, id: string): Promise<Record<string, string>> {
  const sums: [string, string][] = []
  for (const { path, url } of await arena.service.client.artifacts(id)) {
    const response = await fetch(url)
    if (!response.ok) {
      throw new ApiError('bad-download', `artifact ${path} of job ${id}`, response)
    }
    sums.push([path, sha256(Buffer.from(await response.arrayBuffer()))])
  }
  return Object.fromEntries(sums.toSorted(([one], [other]) => one.localeCompare(other)))
}
