import type { LogLineView } from '../api/contract/answers.ts'
import type { Client, LogEvent } from '../client/client.ts'
import { type CommandCall, EXIT } from './command.ts'
import { describeStatus } from './describe-job.ts'
import { exitCodeOf } from './exit-code-of.ts'
import { formatSpan } from './format-units.ts'

import { printable } from './printable.ts'

/**
 * Shows the log of a job until it ends: stdout of the job on stdout, everything else on stderr.
 * Ctrl-C stops the following, never the job.
 *
 * @returns the job's exit status, or 130
 */
export async function followJob(
  call: CommandCall,
  client: Client,
  { id, cursor }: { id: string; cursor?: string | undefined },
): Promise<number> {
  const { io } = call
  const interrupted = new AbortController()
  const stopListening = io.onInterrupt?.(() => interrupted.abort())
  const { signal } = interrupted
  try {
    for await (const event of client.followLogs(id, { cursor, signal })) showEvent(call, event)
    const job = await client.get(id, { signal })
    if (!call.options.flag('json')) {
      const ran = job.runSeconds === undefined ? '' : ` after ${formatSpan(job.runSeconds)}`
      const isSaid = job.status !== 'failed' || job.exitCode !== undefined
      const why = isSaid || job.message === undefined ? '' : `: ${job.message}`
      io.stderr.write(`job ${id} ${describeStatus(job, call.paint)}${ran}${printable(why)}\n`)
    }
    return exitCodeOf(job)
  } catch (error) {
    if (!signal.aborted) throw error
    io.stderr.write(
      `\nno longer following; job ${id} goes on\n` +
        `  follow again: scalable-job logs ${id} --follow\n` +
        `  stop the job: scalable-job cancel ${id}\n`,
    )
    return EXIT.interrupted
  } finally {
    stopListening?.()
  }
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
export function showLogLine({ io, options, paint }: CommandCall, line: LogLineView): void {
  if (options.flag('json')) {
    io.stdout.write(`${JSON.stringify(line)}\n`)
    return
  }
  const output = line.stream === 'stdout' ? io.stdout : io.stderr
  const text = output.isTTY === true ? printable(line.text) : line.text
  output.write(line.stream === 'system' ? `${paint('dim', `-- ${text}`)}\n` : `${text}\n`)
}
