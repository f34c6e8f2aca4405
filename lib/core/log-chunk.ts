/**
 * One file of an attempt's log: JSON lines, in the order in which they were read from the process.
 * The cursor of a log reader is attempt and chunk number: `2:0000000014`.
 */
export interface LogLine {
  /** `system` lines are ours: gap markers, "resumed from checkpoint 3", "stopped: timed out". */
  readonly stream: 'stdout' | 'stderr' | 'system'
  /** ISO-8601 UTC: when it was read. */
  readonly at: string
  /** One line without its line end; bytes that are no UTF-8 become U+FFFD. */
  readonly text: string
  /** Set on a gap marker: bytes that were cut here. */
  readonly cutBytes?: number
}

export function encodeLogChunk(lines: readonly LogLine[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('')
}

export function decodeLogChunk(text: string): LogLine[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LogLine)
}
