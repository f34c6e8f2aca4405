/**
 * The whole service on real work, as a story that a person can follow: trainings in the queue, the
 * fleet growing, live logs, the best model served from its artifact and asked, the fleet back at
 * its minimum.
 */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../../../lib/client/client.ts'
import { connect } from '../../../lib/client/connect.ts'
import type { CliOutput } from '../../../lib/cli/io.ts'
import type { Paint } from '../../../lib/cli/paint.ts'
import type { LocalService } from '../../../lib/local/start-service.ts'
import { askAll, type Prediction, readSamples } from './ask-model.ts'
import { bestOf, reportModels, reportPredictions, reportSummary } from './report.ts'
import { Timeline } from './timeline.ts'
import {
  readModels,
  showLiveLog,
  submitTrainings,
  type TrainedModel,
  watchUntilEnded,
} from './train.ts'
import { Watch } from './watch.ts'

const SAMPLES = 10
/** What the demo promises of the best run, on held-out images. */
const GOOD_ACCURACY = 0.95
const LOOK_MS = 400
/** After this the demo ends without having seen the fleet shrink, and says so. */
const SHRINK_BOUND_MS = 60_000

export interface DemoParts {
  readonly local: LocalService
  readonly serviceDir: string
  readonly output: CliOutput
  readonly paint: Paint
  /** Ends the story wherever it is. */
  readonly signal: AbortSignal
}

/**
 * @returns the exit code: 0 when everything that the demo promises came true
 * @throws the signal's reason once it aborts
 */
export async function runDemo(parts: DemoParts): Promise<number> {
  const { local, serviceDir, output, paint, signal } = parts
  const client = connect({ url: local.url, token: local.token, signal })
  const timeline = new Timeline(output, paint, () => performance.now())
  const watch = new Watch(client, timeline)

  timeline.heading('1. Train: five real trainings go into the queue')
  const models = await train(client, watch, timeline)
  timeline.heading('What they came to, on held-out images')
  timeline.text(reportModels(models, paint))
  const best = bestOf(models)
  if (best?.modelUrl === undefined) return fail(timeline, 'no training succeeded')

  timeline.heading(
    `2. Serve: the model of run "${best.name}", straight from its artifact, is asked`,
  )
  const samples = await readSamples(serviceDir, SAMPLES, signal)
  const predictions = await askAll(client, best.modelUrl, samples)
  timeline.text(reportPredictions(predictions, paint))

  timeline.heading('3. Shrink: idle workers go, none is stopped while busy')
  const isBack = await watchShrink(watch, local.service.scaling.min)
  const artifactsFolder = await saveArtifacts(client, best, local)
  timeline.heading('Summary')
  const { scaleEvents, mostWorkers } = watch
  const stateDir = local.folders.state
  const { seconds } = timeline
  timeline.text(
    reportSummary({
      models,
      predictions,
      scaleEvents,
      mostWorkers,
      seconds,
      artifactsFolder,
      stateDir,
    }),
  )
  return judge(timeline, { models, predictions, isBack })
}

async function train(
  client: Client,
  watch: Watch,
  timeline: Timeline,
): Promise<readonly TrainedModel[]> {
  const jobs = await submitTrainings(client)
  const first = jobs[0]
  const [views] = await Promise.all([
    watchUntilEnded(watch, jobs),
    first === undefined ? undefined : showLiveLog(client, first, timeline),
  ])
  return readModels(client, jobs, views)
}

/** @returns whether the fleet came back to its minimum */
async function watchShrink(watch: Watch, min: number): Promise<boolean> {
  const deadlineMs = performance.now() + SHRINK_BOUND_MS
  while (performance.now() < deadlineMs) {
    const { service } = await watch.look([])
    if ((service.workers?.length ?? Infinity) <= min) return true
    await sleep(LOOK_MS)
  }
  return false
}

/** The best run's files where a person finds them. */
async function saveArtifacts(
  client: Client,
  best: TrainedModel,
  local: LocalService,
): Promise<string> {
  const folder = join(local.folders.state, 'best-run')
  const { files } = await client.artifactsPage(best.job.id)
  for (const file of files) await client.download(file, folder)
  return `${folder} (${files.map(({ path }) => path).join(', ')})`
}

function judge(
  timeline: Timeline,
  came: { models: readonly TrainedModel[]; predictions: readonly Prediction[]; isBack: boolean },
): number {
  const { models, predictions, isBack } = came
  const wrong = predictions.filter(({ sample, digit }) => sample.digit !== digit).length
  if (models.some(({ job }) => job.status !== 'succeeded')) {
    return fail(timeline, 'a training did not succeed')
  }
  if ((bestOf(models)?.accuracy ?? 0) < GOOD_ACCURACY) {
    return fail(timeline, `the best accuracy is below ${GOOD_ACCURACY}`)
  }
  if (wrong > predictions.length / 2) return fail(timeline, 'most predictions are wrong')
  if (!isBack) return fail(timeline, 'the fleet did not come back to its minimum')
  return 0
}

function fail(timeline: Timeline, why: string): number {
  timeline.text(`\nThe demo did not come out as promised: ${why}.`)
  return 1
}
