import { formatTable } from '../../../lib/cli/format-table.ts'
import type { Paint } from '../../../lib/cli/paint.ts'
import { drawRow } from './draw-digit.ts'
import type { Prediction } from './ask-model.ts'
import type { TrainedModel } from './train.ts'
import type { ScaleEvent } from './watch.ts'

const PICTURES = 4

export function reportModels(models: readonly TrainedModel[], paint: Paint): string {
  const best = bestOf(models)
  const rows = models.map((model) => {
    const { job, accuracy } = model
    const shown = accuracy === undefined ? '-' : `${(accuracy * 100).toFixed(1)} %`
    return [
      model.name,
      job.status,
      model === best ? paint('green', shown) : shown,
      `${job.waitSeconds.toFixed(1)} s`,
      `${job.runSeconds?.toFixed(1)} s`,
      model.flags,
    ]
  })
  return formatTable(['run', 'status', 'accuracy', 'waited', 'ran', 'settings'], rows)
}

/** The run with the best accuracy on held-out images. */
export function bestOf(models: readonly TrainedModel[]): TrainedModel | undefined {
  const done = models.filter(({ accuracy }) => accuracy !== undefined)
  return done.toSorted((one, other) => (other.accuracy ?? 0) - (one.accuracy ?? 0))[0]
}

export function reportPredictions(predictions: readonly Prediction[], paint: Paint): string {
  const pictures = predictions.slice(0, PICTURES).map(({ sample, digit }) => {
    return { image: sample.image, caption: `a ${sample.digit}, read as ${digit}` }
  })
  const rows = predictions.map(({ sample, digit, confidence, seconds }) => [
    String(sample.digit),
    digit === sample.digit ? paint('green', String(digit)) : paint('red', `${digit} (wrong)`),
    `${(confidence * 100).toFixed(0)} %`,
    `${(seconds * 1000).toFixed(0)} ms`,
  ])
  const table = formatTable(['true', 'predicted', 'confidence', 'answered in'], rows)
  return `${drawRow(pictures)}\n\n${table}`
}

export interface Summary {
  readonly models: readonly TrainedModel[]
  readonly predictions: readonly Prediction[]
  readonly scaleEvents: readonly ScaleEvent[]
  readonly mostWorkers: number
  readonly seconds: number
  readonly artifactsFolder: string
  readonly stateDir: string
}

export function reportSummary(summary: Summary): string {
  const { models, predictions, scaleEvents, mostWorkers } = summary
  const best = bestOf(models)
  const right = predictions.filter(({ sample, digit }) => sample.digit === digit).length
  const waits = models.map(({ job }) => job.waitSeconds)
  const lost = models.flatMap(({ job }) => job.attempts).filter(isInterrupted).length
  const steps = scaleEvents.map(({ atSeconds, wanted }) => `${wanted} at ${atSeconds.toFixed(0)} s`)
  const lines = [
    ['jobs', `${models.length} trainings and ${predictions.length} queries, all ended`],
    ['best model', `${best?.name}, ${percent(best?.accuracy)} on images it had never seen`],
    ['predictions', `${right} of ${predictions.length} right`],
    [
      'waits',
      `${Math.min(...waits).toFixed(1)} to ${Math.max(...waits).toFixed(1)} s in the queue`,
    ],
    ['scaling', `workers wanted: ${steps.join(', ')}; at most ${mostWorkers} at once`],
    ['busy workers stopped', String(lost)],
    ['artifacts', summary.artifactsFolder],
    ['state', `${summary.stateDir} (remove it when you like)`],
    ['took', `${summary.seconds.toFixed(0)} s`],
  ]
  return lines.map(([name = '', text]) => `  ${name.padEnd(21)} ${text}`).join('\n')
}

function isInterrupted({ reason }: { reason?: string | undefined }): boolean {
  return reason === 'worker-lost' || reason === 'released'
}

function percent(share: number | undefined): string {
  return share === undefined ? 'none' : `${(share * 100).toFixed(1)} %`
}
