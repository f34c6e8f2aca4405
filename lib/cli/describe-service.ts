import type { ServiceView } from '../client/answers.ts'
import { formatTable } from './format-table.ts'
import { formatSpan } from '../console/page/elements/format-units.js'
import { type Paint, paintStatus, printable } from './paint.ts'
import { countWaiting, type Decision } from '../console/page/overview/decisions.js'
import { explainReason } from './read-decisions.ts'

const SHOWN_DECISIONS = 8

/** How a service stands, for people: queues, fleet, workers, last decisions with their reasons. */
export function describeService(view: ServiceView, paint: Paint, nowMs: number): string {
  const unseen = view.notObserved.length === 0 ? [] : [describeUnseen(view, paint)]
  return [
    `${paint('bold', view.name)}  version ${view.version}  takes ${view.taskTypes.join(', ')}\n`,
    ...unseen,
    section(paint, 'Queues', describeQueues(view)),
    section(paint, 'Fleet', describeFleet(view)),
    section(paint, 'Workers', describeWorkers(view, paint, nowMs)),
    section(paint, 'Last decisions of the scaler', describeDecisions(view)),
  ].join('')
}

function describeUnseen(view: ServiceView, paint: Paint): string {
  const unseen = view.notObserved.join(', ')
  return `${paint('yellow', `could not be observed just now: ${unseen}`)}\n`
}

function section(paint: Paint, title: string, text: string): string {
  return text === '' ? '' : `\n${paint('bold', title)}\n${text}`
}

function describeQueues({ queues }: ServiceView): string {
  if (queues === undefined) return ''
  const rows = Object.entries(queues).map(([name, { visible, inFlight, delayed }]) => [
    name,
    String(visible),
    String(inFlight),
    String(delayed),
  ])
  return formatTable(['QUEUE', 'WAITING', 'IN FLIGHT', 'DELAYED'], rows)
}

function describeFleet({ fleet }: ServiceView): string {
  if (fleet === undefined) return ''
  const rows = Object.entries(fleet.sides)
    .filter(([, side]) => side.version !== undefined || side.desired > 0)
    .map(([name, side]) => [
      name,
      side.version ?? '-',
      String(side.desired),
      String(side.running),
      String(side.pending),
    ])
  if (rows.length === 0) return 'no worker has been started yet\n'
  return formatTable(['SIDE', 'VERSION', 'DESIRED', 'RUNNING', 'PENDING'], rows)
}

function describeWorkers({ workers }: ServiceView, paint: Paint, nowMs: number): string {
  if (workers === undefined) return ''
  if (workers.length === 0) return 'none\n'
  const rows = workers.map((worker) => [
    worker.workerId,
    paintStatus(paint, worker.state),
    Object.entries(worker.slots)
      .filter(([, { total }]) => total > 0)
      .map(([type, { taken, total }]) => `${type} ${taken}/${total}`)
      .join(', '),
    (worker.jobs ?? []).map(({ jobId }) => jobId).join(' ') || '-',
    `${formatSpan((nowMs - Date.parse(worker.beatAt)) / 1000)} ago`,
    printable(worker.drain === undefined ? (worker.note ?? '') : `drain: ${worker.drain.reason}`),
  ])
  return formatTable(['WORKER', 'STATE', 'SLOTS TAKEN', 'JOBS', 'BEAT', 'NOTE'], rows)
}

function describeDecisions({ decisions }: ServiceView): string {
  if (decisions === undefined) return ''
  const rows = decisions.slice(-SHOWN_DECISIONS).toReversed().map(toRow)
  if (rows.length === 0) return 'none yet\n'
  return formatTable(['AT (UTC)', 'WAITING', 'WANTED', 'REASON'], rows)
}

function toRow(decision: Decision): string[] {
  return [
    new Date(decision.atMs).toISOString().slice(11, 19),
    String(countWaiting(decision) ?? '?'),
    String(decision.wanted),
    explainReason(decision.reason),
  ]
}
