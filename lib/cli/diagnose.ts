import type { ServiceView } from '../core/api/service-view.ts'
import { formatSpan } from './format-units.ts'
import { printable } from './printable.ts'
import { countWaiting, explainReason, readDecisions } from './read-decisions.ts'
import { readFleet } from './read-fleet.ts'

/** What one check of `doctor` found. */
export interface Finding {
  readonly level: 'good' | 'warning' | 'bad'
  readonly what: string
  /** What helps; for good ones nothing. */
  readonly fix?: string
}

/** A look every ten seconds or every minute: after this long without one the scaler stands still. */
const SCALER_SILENT_SECONDS = 150
const OLD_WAIT_SECONDS = 600
const SILENT_WORKER_SECONDS = 60
const SLOW_START_SECONDS = 600

/** What the service's own account of itself says about its health. */
export function diagnose(view: ServiceView, nowMs: number): Finding[] {
  return [
    ...checkObserved(view),
    ...checkScaler(view, nowMs),
    ...checkQueue(view),
    ...checkWorkers(view, nowMs),
    ...checkStops(view),
    ...view.ignored.map(({ path, why }) => ({
      level: 'warning' as const,
      what: `${path} of service.json means nothing here: ${why}`,
    })),
  ]
}

function checkObserved({ notObserved }: ServiceView): Finding[] {
  return notObserved.map((part) => ({
    level: 'bad',
    what: `the ${part} could not be read just now`,
    fix: 'try again in a minute; the log of the API names the store that did not answer',
  }))
}

function checkScaler(view: ServiceView, nowMs: number): Finding[] {
  if (view.decisions === undefined) return []
  const last = readDecisions(view)[0]
  const fix =
    'see that the process (or the rule and the Lambda) of the scaler runs; its log says why not'
  if (last === undefined) {
    const isNew = view.uptimeSeconds < SCALER_SILENT_SECONDS
    const what = 'the scaler has not decided anything yet'
    return [isNew ? { level: 'warning', what } : { level: 'bad', what, fix }]
  }
  const silentSeconds = (nowMs - (last.lastSeenAtMs ?? last.atMs)) / 1000
  if (silentSeconds > SCALER_SILENT_SECONDS) {
    return [
      {
        level: 'bad',
        what: `the last look of the scaler was ${formatSpan(silentSeconds)} ago`,
        fix,
      },
    ]
  }
  const why = explainReason(last.reason)
  return [{ level: 'good', what: `the scaler wants ${count(last.wanted, 'worker')}: ${why}` }]
}

function checkQueue(view: ServiceView): Finding[] {
  const last = readDecisions(view)[0]
  const dead = view.queues?.['dead']?.visible ?? 0
  const findings: Finding[] = []
  if (dead > 0) {
    findings.push({
      level: 'warning',
      what: `${count(dead, 'message')} could not be delivered (dead letters); the sweep signals their jobs again`,
      fix: 'look at the log of the workers that received them',
    })
  }
  if (last === undefined) return findings
  const waiting = countWaiting(last) ?? 0
  const age = last.inputs.oldestWaitingSeconds ?? 0
  const text = `${count(waiting, 'job')} waiting${waiting > 0 ? `, the oldest for ${formatSpan(age)}` : ''}`
  if (waiting > 0 && age > OLD_WAIT_SECONDS) {
    const fix =
      last.reason === 'at-max'
        ? 'the maximum of workers is reached: raise autoscaler.max in service.json, or wait'
        : 'see below whether workers start; scalable-job service shows the decisions'
    findings.push({ level: 'warning', what: text, fix })
  } else findings.push({ level: 'good', what: text })
  return findings
}

function checkWorkers({ workers = [] }: ServiceView, nowMs: number): Finding[] {
  const since = (at: string) => (nowMs - Date.parse(at)) / 1000
  const findings: Finding[] = []
  for (const { workerId, state, note, startedAt, beatAt } of workers) {
    if (state === 'stopped') continue
    const noted = note === undefined ? '' : `: ${printable(note)}`
    if (since(beatAt) > SILENT_WORKER_SECONDS) {
      findings.push({
        level: 'warning',
        what: `worker ${workerId} has been silent for ${formatSpan(since(beatAt))}${noted}`,
        fix: 'its jobs run again elsewhere once its lease is over; its log says what happened',
      })
    } else if (
      note !== undefined ||
      (state === 'starting' && since(startedAt) > SLOW_START_SECONDS)
    ) {
      findings.push({
        level: 'warning',
        what: `worker ${workerId} is ${state} for ${formatSpan(since(startedAt))}${noted}`,
        fix: 'run the server or init command of service.json by hand in the image',
      })
    }
  }
  const alive = workers.filter(({ state }) => state !== 'stopped').length
  return [...findings, { level: 'good', what: `${count(alive, 'worker')} reporting` }]
}

/** Tasks that stopped on their own say why: the first thing to know when no worker comes up. */
function checkStops(view: ServiceView): Finding[] {
  const stopped = readFleet(view)?.tasks.filter(
    ({ state, stoppedReason }) => state === 'stopped' && stoppedReason !== undefined,
  )
  const reasons = Map.groupBy(stopped ?? [], ({ stoppedReason }) => printable(stoppedReason ?? ''))
  return [...reasons].map(([reason, tasks]) => ({
    level: 'warning',
    what: `${count(tasks.length, 'worker task')} stopped within the last hour: ${reason}`,
  }))
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}
