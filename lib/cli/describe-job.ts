import type { Job } from '../client/answers.ts'
import { formatBytes, formatSpan } from '../console/page/elements/format-units.js'
import { type Paint, paintStatus, printable } from './paint.ts'

/** A job for people: one fact a line, only those that it has. */
export function describeJob(job: Job, paint: Paint): string {
  const facts: (readonly [string, string | undefined])[] = [
    ['job', job.id],
    ['status', describeStatus(job, paint)],
    ['why', job.message === undefined ? undefined : `${job.message} (${job.reason})`],
    ['progress', job.status === 'succeeded' ? undefined : describeProgress(job)],
    ['type', job.taskType],
    ['service', job.tenant === 'default' ? job.service : `${job.service}, tenant ${job.tenant}`],
    ['accepted', job.acceptedAt],
    ['waited', formatSpan(job.waitSeconds)],
    ['ran', job.runSeconds === undefined ? undefined : formatSpan(job.runSeconds)],
    ['worker', job.workerId],
    ['attempts', describeAttempts(job)],
    ['checkpoint', describeCheckpoint(job)],
    ['result', job.result && `${formatBytes(job.result.bytes)}, ${job.result.contentType}`],
    ['artifacts', job.artifacts && describeFiles(job.artifacts)],
    ['log', describeLogs(job)],
    ['tags', describePairs(job.tags)],
    ['env', describePairs(job.env)],
    ['retry of', job.retryOf],
  ]
  return facts
    .flatMap(([name, text]) => (text === undefined ? [] : [formatFact(paint, name, text)]))
    .join('')
}

function formatFact(paint: Paint, name: string, text: string): string {
  return `${paint('dim', name.padEnd(11))} ${text}\n`
}

/** One line: how it stands or how it ended. */
export function describeStatus(job: Job, paint: Paint): string {
  const facts = [paintStatus(paint, job.status)]
  if (job.cancelRequestedAt !== undefined && job.status === 'running') {
    facts.push('cancel requested')
  }
  if (job.exitCode !== undefined && job.exitCode !== 0) facts.push(`exit code ${job.exitCode}`)
  if (job.signal !== undefined) facts.push(job.signal)
  if (job.statusCode !== undefined) facts.push(`HTTP ${job.statusCode}`)
  return facts.join(', ')
}

/** `42 % epoch 5 of 12` */
export function describeProgress({ progress }: Job): string | undefined {
  if (progress === undefined) return undefined
  return `${Math.round(progress.fraction * 100)} % ${printable(progress.note)}`.trimEnd()
}

function describeAttempts(job: Job): string | undefined {
  if (job.attempt === 0) return undefined
  const ended = job.attempts.map((each) => {
    const resumed = each.resumedFrom === undefined ? '' : ', resumed'
    return `${each.attempt}: ${each.reason ?? 'ended'}${resumed}`
  })
  return ended.length === 0 ? String(job.attempt) : `${job.attempt} (${ended.join('; ')})`
}

function describeCheckpoint({ checkpoint }: Job): string | undefined {
  if (checkpoint === undefined) return undefined
  const { attempt, number, bytes, at } = checkpoint
  return `number ${number} of attempt ${attempt}, ${formatBytes(bytes)}, ${at}`
}

function describeFiles({ files, bytes }: { files: number; bytes: number }): string {
  return `${files} ${files === 1 ? 'file' : 'files'}, ${formatBytes(bytes)}`
}

function describeLogs({ logs }: Job): string | undefined {
  if (logs === undefined) return undefined
  const { stdoutBytes, stderrBytes, cutBytes } = logs
  const cut = cutBytes === 0 ? '' : `, ${formatBytes(cutBytes)} cut`
  return `${formatBytes(stdoutBytes + stderrBytes)}${cut}`
}

function describePairs(pairs: Readonly<Record<string, string>>): string | undefined {
  const texts = Object.entries(pairs).map(([name, value]) => `${name}=${printable(value)}`)
  return texts.length === 0 ? undefined : texts.join('  ')
}
