import {
  isNumber,
  isObjectOf,
  isOneOf,
  isOptional,
  isText,
  parseJsonOf,
} from '../parsing/checks.ts'

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

/** The worker cuts at 65,536 characters; far longer ones are none of its lines. */
const MAX_TEXT_CHARS = 1_000_000
const MAX_TIME_CHARS = 64
/** Of a line that does not say when it was. */
const NO_TIME = '1970-01-01T00:00:00.000Z'

const isLine = isObjectOf<LogLine>({
  stream: isOneOf('stdout', 'stderr', 'system'),
  at: (value): value is string => isText(value) && value.length <= MAX_TIME_CHARS,
  text: (value): value is string => isText(value) && value.length <= MAX_TEXT_CHARS,
  cutBytes: isOptional(isNumber),
})

export function encodeLogChunk(lines: readonly LogLine[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('')
}

/**
 * The lines of a chunk. A job that runs as its worker's user can take its worker's rights, so a
 * chunk is input from outside: what is no line becomes a gap marker in its place.
 */
export function decodeLogChunk(text: string): LogLine[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(decodeLine)
}

/** Stands where something of a log cannot be read. */
export function unreadable(what: string, cutBytes: number): LogLine {
  return { stream: 'system', at: NO_TIME, text: `${what} cannot be read`, cutBytes }
}

function decodeLine(json: string): LogLine {
  const line = parseJsonOf(json, isLine)
  if (line === undefined) return unreadable('a line', Buffer.byteLength(json))
  const { stream, at, text, cutBytes } = line
  return { stream, at, text, ...(cutBytes !== undefined && { cutBytes }) }
}
