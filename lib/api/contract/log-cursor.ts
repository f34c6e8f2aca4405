/** The next line to read: of this attempt, in this chunk, after this many lines of it. */
export interface LogCursor {
  readonly attempt: number
  readonly chunk: number
  readonly line: number
}

export const LOG_START: LogCursor = { attempt: 1, chunk: 0, line: 0 }

export const LOG_CURSOR_PATTERN = /^([1-9]\d{0,5}):(\d{1,10})(?::(\d{1,9}))?$/

/** `2:0000000014`, or `2:0000000014:37` within a chunk. */
export function formatLogCursor({ attempt, chunk, line }: LogCursor): string {
  const start = `${attempt}:${String(chunk).padStart(10, '0')}`
  return line === 0 ? start : `${start}:${line}`
}

export function parseLogCursor(text: string): LogCursor | undefined {
  const parts = LOG_CURSOR_PATTERN.exec(text)
  if (parts === null) return undefined
  const [attempt = 1, chunk = 0, line = 0] = parts.slice(1).map((part) => Number(part ?? 0))
  return { attempt, chunk, line }
}
