import type { Json } from './json.ts'

/** What every line has of its own; a field of such a name would be lost. */
interface OwnNames {
  readonly time?: undefined
  readonly level?: undefined
  readonly message?: undefined
}

export type LogFields = { readonly [name: string]: Json | undefined } & OwnNames

/** Structured log: a constant message and fields. Never a token, never a payload. */
export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** The same log with fields on every line. */
  with(fields: LogFields): Log
}
