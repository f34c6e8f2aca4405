import type { Json } from './json.ts'

export type LogFields = { readonly [name: string]: Json | undefined }

/** Structured log: a constant message and fields. Never a token, never a payload. */
export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** The same log with fields on every line. */
  with(fields: LogFields): Log
}
