import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Job } from '../../../lib/client/answers.ts'
import type { Client } from '../../../lib/client/client.ts'
import { isEnded } from '../../../lib/job/job.ts'
import type { Timeline } from './timeline.ts'
import { toCommand, TRAINING_RUNS } from './training-runs.ts'
import type { Watch, WatchedJob } from './watch.ts'

const LOOK_MS = 400

const metricsSchema = z.object({ accuracy: z.number() })

/** A training that has ended, with what its own metrics.json says. */
export interface TrainedModel {
  readonly name: string
  readonly flags: string
  readonly job: Job
  /** On images that it was not trained with; absent when the run failed. */
  readonly accuracy?: number
  readonly modelUrl?: string
}

export async function submitTrainings(client: Client): Promise<WatchedJob[]> {
  const jobs: WatchedJob[] = []
  for (const run of TRAINING_RUNS) {
    const job = await client.submit({
      taskType: 'command',
      command: toCommand(run),
      tags: { run: run.name },
      checkpointSeconds: 3,
    })
    jobs.push({ name: run.name, id: job.id })
  }
  return jobs
}

/** Watches until every job has ended; meanwhile some live log lines of the first. */
export async function watchUntilEnded(watch: Watch, jobs: readonly WatchedJob[]): Promise<Job[]> {
  for (;;) {
    const { views } = await watch.look(jobs)
    if (views.every((view) => isEnded(view.status))) return views
    await sleep(LOOK_MS)
  }
}

/** Live log lines of one job, as they come: every fifth, the log has all of them. */
export async function showLiveLog(
  client: Client,
  { name, id }: WatchedJob,
  timeline: Timeline,
): Promise<void> {
  let seen = 0
  for await (const event of client.followLogs(id)) {
    if (event.kind !== 'page') continue
    for (const { stream, text } of event.page.lines) {
      if (stream !== 'stdout' || text.startsWith('[progress]')) continue
      if (seen % 5 === 0) timeline.event('log', `${name} | ${text}`)
      seen += 1
    }
  }
}

export async function readModels(
  client: Client,
  jobs: readonly WatchedJob[],
  views: readonly Job[],
): Promise<TrainedModel[]> {
  const models = jobs.map(async ({ name }, index) => {
    const job = views[index]
    const flags = TRAINING_RUNS[index]?.flags ?? ''
    if (job === undefined) throw new Error(`no view of ${name}`)
    const { files } = await client.artifactsPage(job.id)
    const urlOf = (path: string) => files.find((file) => file.path === path)?.url
    const metricsUrl = urlOf('metrics.json')
    const modelUrl = urlOf('model.json')
    if (metricsUrl === undefined || modelUrl === undefined) return { name, flags, job }
    const response = await fetch(metricsUrl, { signal: AbortSignal.timeout(10_000) })
    const { accuracy } = metricsSchema.parse(await response.json())
    return { name, flags, job, accuracy, modelUrl }
  })
  return Promise.all(models)
}
