import type { Clock } from '../../ports/clock.ts'
import type { Log, LogFields } from '../../ports/log.ts'
import { LOG_LEVELS, type LogLevel } from '../../registry/env.ts'
import { systemClock } from './system-clock.ts'

export interface JsonLogOptions {
  /** Takes one line, with its line break. */
  readonly write: (line: string) => void
  /** Lines below this level are not written. */
  readonly level: LogLevel
  /** @default the time of this machine */
  readonly clock?: Pick<Clock, 'now'>
  /** Fields on every line. */
  readonly fields?: LogFields
}

/**
 * A log of JSON lines: `time` (ISO-8601 UTC), `level`, `message`, then the fields. It never throws:
 * a field that JSON cannot carry is written as text, a line that cannot be written is dropped.
 */
export function makeJsonLog(options: JsonLogOptions): Log {
  const { clock = systemClock, fields: always = {} } = options
  const floor = LOG_LEVELS.indexOf(options.level)

  function logAt(level: LogLevel) {
    return (message: string, fields: LogFields = {}): void => {
      if (LOG_LEVELS.indexOf(level) < floor) return
      const time = new Date(clock.now()).toISOString()
      // Twice: the first names come first in the line, the last values win over fields.
      const named = { time, level, message }
      writeSafely(options.write, { ...named, ...always, ...fields, ...named })
    }
  }

  return {
    debug: logAt('debug'),
    info: logAt('info'),
    warn: logAt('warn'),
    error: logAt('error'),
    with: (fields) => makeJsonLog({ ...options, fields: { ...always, ...fields } }),
  }
}

function writeSafely(write: (line: string) => void, line: Record<string, unknown>): void {
  try {
    write(`${escapeControls(toJson(line))}\n`)
  } catch {
    // A log must not stop what it tells about; there is nowhere else to say it.
    return
  }
}

/** JSON escapes those below U+0020 alone; terminals and readers of lines obey further ones. */
function escapeControls(json: string): string {
  return json.replaceAll(/[\u007f-\u009f\u2028\u2029]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

function toJson(line: Record<string, unknown>): string {
  try {
    return JSON.stringify(line, showUnusual)
  } catch (error) {
    const { time, level, message } = line
    return JSON.stringify({ time, level, message, unloggable: String(error) })
  }
}

function showUnusual(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (!(value instanceof Error)) return value
  const { name, message, stack, cause } = value
  const code = 'code' in value ? value.code : undefined
  return { name, message, code, stack, cause }
}
