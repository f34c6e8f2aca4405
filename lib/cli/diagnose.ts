import type { ServiceView } from '../client/answers.ts'
import { TASK_TYPES } from '../job/job.ts'
import { formatSpan } from '../console/page/elements/format-units.js'
import { printable } from './paint.ts'
import { countWaiting, type Decision } from '../console/page/overview/decisions.js'
import { explainReason } from './read-decisions.ts'

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
    ...checkDeadLetters(view),
    ...checkQueue(view, nowMs),
    ...checkUnserved(view),
    ...checkWorkers(view, nowMs),
    ...checkStops(view),
    ...view.ignored.map(({ path, why }) => ({
      level: 'warning' as const,
      what: `${path} in service.json has no effect here: ${why}`,
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
  const last = view.decisions?.at(-1)
  const fix =
    "check that the scaler's process (on AWS: its rule and its function) runs; its log says why it does not"
  if (last === undefined) {
    const isNew = view.uptimeSeconds < SCALER_SILENT_SECONDS
    const what = 'the scaler has not decided anything yet'
    return [isNew ? { level: 'warning', what } : { level: 'bad', what, fix }]
  }
  const silentSeconds = secondsSince(last, nowMs)
  if (silentSeconds > SCALER_SILENT_SECONDS) {
    return [
      {
        level: 'bad',
        what: `the scaler last looked ${formatSpan(silentSeconds)} ago`,
        fix,
      },
    ]
  }
  const why = explainReason(last.reason)
  return [{ level: 'good', what: `the scaler wants ${count(last.wanted, 'worker')}: ${why}` }]
}

/** How long ago the scaler saw what it shows. */
function secondsSince({ lastSeenAtMs }: Decision, nowMs: number): number {
  return (nowMs - lastSeenAtMs) / 1000
}

function checkDeadLetters({ queues }: ServiceView): Finding[] {
  const dead = queues?.['dead']?.visible ?? 0
  if (dead === 0) return []
  return [
    {
      level: 'warning',
      what: `${count(dead, 'message')} could not be delivered (dead letters); the reaper sends the messages of their jobs again`,
      fix: 'read the logs of the workers that received them',
    },
  ]
}

/** Jobs and their age as the last look counted them; of a scaler that stands still only the queues. */
function checkQueue(view: ServiceView, nowMs: number): Finding[] {
  const last = view.decisions?.at(-1)
  const isPresent = last !== undefined && secondsSince(last, nowMs) <= SCALER_SILENT_SECONDS
  const waiting = isPresent ? countWaiting(last) : view.waiting
  if (waiting === undefined) return []
  const age = isPresent ? (last.inputs.oldestWaitingSeconds ?? 0) : 0
  const since = waiting > 0 && isPresent ? `, the oldest for ${formatSpan(age)}` : ''
  const what = `${count(waiting, 'job')} waiting${since}`
  if (waiting === 0 || age <= OLD_WAIT_SECONDS) return [{ level: 'good', what }]
  const fix =
    last?.reason === 'at-max'
      ? 'the maximum of workers is reached: raise autoscaler.max in service.json, or wait'
      : 'see below whether workers start; scalable-job service shows the decisions'
  return [{ level: 'warning', what, fix }]
}

/** Nobody is started for them, so they would be missed in every other finding. */
function checkUnserved(view: ServiceView): Finding[] {
  const last = view.decisions?.at(-1)
  const findings: Finding[] = []
  for (const type of TASK_TYPES) {
    if (view.taskTypes.includes(type)) continue
    const { visible = 0, delayed = 0 } = view.queues?.[type] ?? {}
    const waiting = last?.inputs.waiting?.[type] ?? visible + delayed
    if (waiting === 0) continue
    findings.push({
      level: 'warning',
      what: `${count(waiting, 'job')} of type ${type} waiting, but this service does not take that type; they end as not-served unless a worker of an earlier version takes them`,
      fix: `to keep them, deploy a service.json that takes ${type} jobs within a few minutes; or retry them once one is deployed`,
    })
  }
  return findings
}

function checkWorkers({ workers = [] }: ServiceView, nowMs: number): Finding[] {
  const since = (at: string) => (nowMs - Date.parse(at)) / 1000
  const findings: Finding[] = []
  for (const { workerId, state, note, startedAt, beatAt } of workers) {
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
        what: `worker ${workerId} has been ${state} for ${formatSpan(since(startedAt))}${noted}`,
        fix: 'run the server or init command of service.json by hand in the image',
      })
    }
  }
  const reporting = workers.filter(({ beatAt }) => since(beatAt) <= SILENT_WORKER_SECONDS)
  return [...findings, { level: 'good', what: `${count(reporting.length, 'worker')} reporting` }]
}

/** How ECS and the supervisor say that the scaler lowered a count: nothing to look into. */
const SCALED_IN = /^(Scaling activity initiated by|scaled in; exit code 0$)/

/** Tasks that stopped on their own say why: the first thing to know when no worker comes up. */
function checkStops(view: ServiceView): Finding[] {
  const notes = new Map(view.workers?.map(({ taskId, note }) => [taskId, note]))
  const stopped = (view.fleet?.tasks ?? []).flatMap(({ taskId, state, stoppedReason }) => {
    if (state !== 'stopped' || stoppedReason === undefined) return []
    if (SCALED_IN.test(stoppedReason)) return []
    const note = notes.get(taskId)
    return [{ taskId, why: printable([stoppedReason, note].filter(Boolean).join(': ')) }]
  })
  return [...new Set(stopped.map(({ why }) => why))].map((why) => {
    const tasks = stopped.filter((task) => task.why === why)
    const log = `logs/worker-${printable(tasks.at(-1)?.taskId ?? '')}.log`
    return {
      level: 'warning',
      what: `${count(tasks.length, 'worker task')} stopped within the last hour: ${why}`,
      fix: `the worker's log says more: ${log} in the state folder on one machine, the log group of the workers on AWS`,
    }
  })
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}
