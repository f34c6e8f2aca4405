import { constants } from 'node:os'
import type { Job, LogLine } from '../client/answers.ts'
import type { Client } from '../client/client.ts'
import type { LogEvent } from '../client/follow-logs.ts'
import type { CommandCall } from './command.ts'
import { describeStatus } from './describe-job.ts'
import { formatSpan } from '../console/page/elements/format-units.js'
import { EXIT, untilInterrupted } from './io.ts'
import { printable } from './paint.ts'

export const FOLLOW_HELP = "Show the log and exit with the job's exit status."

/**
 * A job that was just accepted: its id alone on stdout, for scripts; with `--follow` its log.
 *
 * @returns the exit code
 */
export async function showAccepted(
  call: CommandCall,
  client: Client,
  { job, follow }: { job: Job; follow: boolean | undefined },
): Promise<number> {
  if (follow === true) {
    call.io.stderr.write(`job ${job.id} accepted\n`)
    return followJob(call, client, { id: job.id })
  }
  call.show(job, () => `${job.id}\n`)
  return EXIT.ok
}

/**
 * Shows the log of a job until it ends: stdout of the job on stdout, everything else on stderr.
 * Ctrl-C stops watching, never the job.
 *
 * @returns the job's exit status, or 130
 */
export async function followJob(
  call: CommandCall,
  client: Client,
  { id, cursor }: { id: string; cursor?: string | undefined },
): Promise<number> {
  const { io } = call
  const note =
    `no longer following; job ${id} goes on\n` +
    `  follow again: scalable-job logs ${id} --follow\n` +
    `  stop the job: scalable-job cancel ${id}\n`
  return untilInterrupted(
    io,
    async (signal) => {
      for await (const event of client.followLogs(id, { cursor, signal })) showEvent(call, event)
      const job = await client.get(id, { signal })
      if (!call.json) io.stderr.write(`job ${id} ${describeEnd(call, job)}\n`)
      return exitCodeOf(job)
    },
    note,
  )
}

function describeEnd({ paint }: CommandCall, job: Job): string {
  const ran = job.runSeconds === undefined ? '' : ` after ${formatSpan(job.runSeconds)}`
  const isSaid = job.status !== 'failed' || job.exitCode !== undefined
  const why = isSaid || job.message === undefined ? '' : `: ${job.message}`
  return `${describeStatus(job, paint)}${ran}${printable(why)}`
}

/**
 * The exit status of a job as a shell would give it: 0 for success, the command's own exit code,
 * 128 + number for a signal, 1 for every other end.
 */
export function exitCodeOf({ status, exitCode, signal }: Job): number {
  if (status === 'succeeded') return EXIT.ok
  if (exitCode !== undefined && exitCode > 0 && exitCode < 256) return exitCode
  const number = Object.entries(constants.signals).find(([name]) => name === signal)?.[1]
  return number === undefined ? EXIT.failed : 128 + number
}

function showEvent(call: CommandCall, event: LogEvent): void {
  if (event.kind === 'page') {
    for (const line of event.page.lines) showLogLine(call, line)
    return
  }
  const seconds = Math.ceil(event.retryMs / 1000)
  call.io.stderr.write(`${event.error.message}; trying again in ${seconds} s\n`)
}

/** One line of a log. Programs get it as it is; a terminal gets it without control characters. */
export function showLogLine({ io, json, paint }: CommandCall, line: LogLine): void {
  if (json) {
    io.stdout.write(`${JSON.stringify(line)}\n`)
    return
  }
  const output = line.stream === 'stdout' ? io.stdout : io.stderr
  const text = output.isTTY === true ? printable(line.text) : line.text
  output.write(line.stream === 'system' ? `${paint('dim', `-- ${text}`)}\n` : `${text}\n`)
}
