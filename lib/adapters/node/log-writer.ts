import { writeSync } from 'node:fs'
import type { Clock } from '../../ports/clock.ts'

/**
 * Writes the worker's own log lines to a file descriptor, past Node's streams: one of those breaks
 * for good with its first error, and a full disk would then end the worker or silence it. A line
 * that cannot be written is counted, and the count is written once there is room again.
 */
export function makeLogWriter(fd: number, clock: Pick<Clock, 'now'>): (line: string) => void {
  let lost = 0
  return (line) => {
    try {
      if (lost > 0) writeAll(fd, describeLost(lost, clock))
      lost = 0
      writeAll(fd, line)
    } catch {
      lost += 1
    }
  }
}

function describeLost(lines: number, clock: Pick<Clock, 'now'>): string {
  const time = new Date(clock.now()).toISOString()
  // A line before it may have been cut.
  return `\n${JSON.stringify({ time, level: 'warn', message: 'log lines lost', lines })}\n`
}

function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at)
}
